/** Prerequisites of accounts that lapse. */
export const lapsingZh = {
  "user.certificate": "培训合格证编号",
  "lapsing.title": "账户前提即将到期或缺失:{count} 项",
  "lapsing.help": "30 天内到期、已到期或未登记的审查、保密承诺和培训考核;到期当日账户关闭。",
  "lapsing.missing": "未登记",
  "lapsing.expired": "已到期",
  "lapsing.expiring": "即将到期",
  "lapsing.what.vetting": "入职审查",
  "lapsing.what.undertaking": "保密承诺书",
  "lapsing.what.training": "培训考核",
  "lapsing.until": "有效期至 {day}",
  "lapsing.certificate": "证书 {number}",
  "lapsing.own": "您的培训考核有效期至 {day},次日起账户关闭:请及时参加培训考核,由安全管理员登记。",
};

export const lapsingEn: typeof lapsingZh = {
  "user.certificate": "Number of the training certificate",
  "lapsing.title": "Prerequisites of accounts, missing or lapsing: {count}",
  "lapsing.help": "Vetting, undertaking and training that are missing, have lapsed or lapse within 30 days; on its last day the account closes.",
  "lapsing.missing": "missing",
  "lapsing.expired": "expired",
  "lapsing.expiring": "expiring",
  "lapsing.what.vetting": "entry vetting",
  "lapsing.what.undertaking": "secrecy undertaking",
  "lapsing.what.training": "training",
  "lapsing.until": "valid through {day}",
  "lapsing.certificate": "certificate {number}",
  "lapsing.own": "Your training is valid through {day}; after that day your account is closed. Renew it in time and have a security administrator enter it.",
};
