/** The texts of people who come by an identity provider. */
export const providerZh = {
  "user.factor": "清除第二因素",
  "user.reset.two": "申请重置 {name} 的口令",
  "user.reset.two.help": "此人担任管理员、可审批或可查看画面,重置须另一人在“审批”页批准。批准后原口令、验证、会话和令牌即失效,再由您按“重置口令”取得初始口令。",
  "user.factor.two": "申请清除 {name} 的第二因素",
  "user.factor.two.help": "此人担任管理员、可审批或可查看画面,须另一人在“审批”页批准后生效。",
  "appointment.waits": "待本节点安全管理员确认",
  "appointment.accept": "确认",
  "appointment.accept.sure": "由用户组“{group}”给予;确认后立即生效",
  "user.factor.sure": "动态验证码、恢复码和通行密钥作废,其会话立即结束",
  "user.provider": "来自身份提供方 {provider};口令由身份提供方管理,岗位随其用户组在每次登录时更新",
  "user.provider.short": "统一身份 {provider}",
  "appointment.group": "由用户组“{group}”给予({time})",
  "appointment.end.group": "立即撤销;若其仍在用户组“{group}”中,下次登录时会再次给予",
};

export const providerEn: Record<keyof typeof providerZh, string> = {
  "user.factor": "Reset second factor",
  "user.reset.two": "Ask for a new password for {name}",
  "user.reset.two.help": "They hold an office, approve or see pictures: another person approves on the page “Approvals”. Then the old password, factor, sessions and tokens end, and “Reset password” gives you the first one.",
  "user.factor.two": "Ask for the second factor of {name} to be reset",
  "user.factor.two.help": "They hold an office, approve or see pictures: it happens once another person approves it on the page “Approvals”.",
  "appointment.waits": "waits for a security administrator of this node",
  "appointment.accept": "Accept",
  "appointment.accept.sure": "The group “{group}” gave it; it opens from now on",
  "user.factor.sure": "Authenticator, recovery codes and passkeys end, and all sessions",
  "user.provider": "Comes from the identity provider {provider}, which keeps the password; posts follow its groups at each sign-in",
  "user.provider.short": "single sign-on {provider}",
  "appointment.group": "by the group “{group}”, {time}",
  "appointment.end.group": "Ends at once; while the person is in the group “{group}” the next sign-in gives it again",
};
