/** The texts of proving who is there before a way to sign in changes, and of ways that are new. */
export const proofZh = {
  "signIn.newFactor": "您的账户近 7 天新增了登录方式:{what}",
  "signIn.newFactor.help": "如不是本人添加,请在“我的账户”移除并修改口令,同时报告安全管理员。",
  "password.passkeys": "以下通行密钥不凭口令即可登录:",
  "password.passkeys.keep": "都是本人的,保留",
  "password.passkeys.end": "全部停用",
  "account.added": "{time} 添加",
  "account.proof": "验证本人",
  "account.proof.code": "动态验证码或恢复码",
  "account.proof.password": "本人口令",
  "account.proof.help": "变更登录方式前,请证明是您本人。",
  "account.proof.help.passkey": "变更登录方式前,请用已有的通行密钥证明是您本人。",
};

export const proofEn: Record<keyof typeof proofZh, string> = {
  "signIn.newFactor": "New in your account within seven days: {what}",
  "signIn.newFactor.help": "If that was not you, remove it under “My account”, change the password and tell the security administrator.",
  "password.passkeys": "These passkeys sign in without a password:",
  "password.passkeys.keep": "All are mine: keep them",
  "password.passkeys.end": "End them all",
  "account.added": "added {time}",
  "account.proof": "Prove that it is you",
  "account.proof.code": "One-time code or recovery code",
  "account.proof.password": "Your password",
  "account.proof.help": "A way to sign in changes only with a proof that it is still you.",
  "account.proof.help.passkey": "A way to sign in changes only with a proof that it is still you: use a passkey that you have.",
};
