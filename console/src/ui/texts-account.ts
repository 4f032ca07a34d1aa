/** Texts of the own account. */
export const accountZh = {
  "account.code": "应用显示的 6 位验证码",
  "account.tokens.valid": "有效天数",
  "account.tokens.area": "限区划(可选)",
  "account.tokens.area.example": "区划代码,如 520102",
  "account.tokens.networks": "限来源网段(可选)",
  "account.tokens.networks.example": "如 10.1.0.0/16,回车添加",
  "account.tokens.only": "限区划 {area}",
};

export const accountEn: typeof accountZh = {
  "account.code": "The six digits that the app shows",
  "account.tokens.valid": "Days",
  "account.tokens.area": "Area (optional)",
  "account.tokens.area.example": "Code, such as 520102",
  "account.tokens.networks": "Networks (optional)",
  "account.tokens.networks.example": "Such as 10.1.0.0/16, then Enter",
  "account.tokens.only": "only {area}",
};
