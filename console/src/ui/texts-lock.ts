/** The texts of the locked screen. */
export const lockZh = {
  "lock.title": "屏幕已锁定",
  "lock.now": "锁屏",
  "lock.help": "画面已关闭，请{name} 本人解锁。",
  "lock.code.help": "请输入身份验证器的 6 位验证码,或一个恢复码。",
  "lock.provider.help": "此账户来自身份提供方:请退出后重新登录。",
  "lock.passkey": "使用通行密钥解锁",
  "lock.passkey.impossible": "此账户使用通行密钥登录,而此地址或浏览器不能使用通行密钥:请退出后在可用的地址登录。",
  "lock.submit": "解锁",
  "lock.leave": "退出登录,由他人使用",
  "lock.warning": "{seconds} 秒后锁屏:移动鼠标或按任意键继续",
  "lock.session": "已锁定",
};

export const lockEn: Record<keyof typeof lockZh, string> = {
  "lock.title": "The screen is locked",
  "lock.now": "Lock",
  "lock.help": "All pictures are closed. Only {name} can unlock it.",
  "lock.code.help": "Type the six digits of your authenticator, or a recovery code.",
  "lock.provider.help": "This account comes from an identity provider: sign out, and sign in anew.",
  "lock.passkey": "Unlock with a passkey",
  "lock.passkey.impossible": "This account signs in with a passkey, which this address or browser cannot use: sign out, and sign in at an address that can.",
  "lock.submit": "Unlock",
  "lock.leave": "Sign out for somebody else",
  "lock.warning": "Locks in {seconds} s: move the pointer or press a key to go on",
  "lock.session": "locked",
};
