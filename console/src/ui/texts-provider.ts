/** The texts of people who come by an identity provider. */
export const providerZh = {
  "user.factor": "清除第二因素",
  "user.factor.sure": "动态验证码、恢复码和通行密钥作废,其会话立即结束",
  "user.provider": "来自身份提供方 {provider};口令由身份提供方管理,岗位随其用户组在每次登录时更新",
  "user.provider.short": "统一身份 {provider}",
  "appointment.group": "由用户组“{group}”给予({time})",
  "appointment.end.group": "立即撤销;若其仍在用户组“{group}”中,下次登录时会再次给予",
};

export const providerEn: Record<keyof typeof providerZh, string> = {
  "user.factor": "Reset second factor",
  "user.factor.sure": "Authenticator, recovery codes and passkeys end, and all sessions",
  "user.provider": "Comes from the identity provider {provider}, which keeps the password; posts follow its groups at each sign-in",
  "user.provider.short": "single sign-on {provider}",
  "appointment.group": "by the group “{group}”, {time}",
  "appointment.end.group": "Ends at once; while the person is in the group “{group}” the next sign-in gives it again",
};
