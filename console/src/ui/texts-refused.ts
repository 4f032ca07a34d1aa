/** What the platform refuses to do (R1–R12), in the audit log. */
export const refusedZh = {
  "act.refusal.identification": "拒绝:人体特征识别(R1)",
  "act.refusal.following": "拒绝:跨镜跟踪人员(R2)",
  "act.refusal.classification": "拒绝:人员分类(R3)",
  "act.refusal.inference": "拒绝:情绪或意图推断(R4)",
  "act.refusal.prediction": "拒绝:人员评分或预测(R5)",
  "act.refusal.movement-profile": "拒绝:活动规律(R6)",
  "act.refusal.association": "拒绝:伴随或关联分析(R7)",
  "act.refusal.sweep": "拒绝:区域普查(R8)",
  "act.refusal.open-watch": "拒绝:无期限或群体布控(R9)",
  "act.refusal.bulk-supply": "拒绝:批量提供(R10)",
  "act.refusal.hidden-use": "拒绝:无痕使用(R11)",
  "act.refusal.outside-persons": "拒绝:外部人员数据库(R12)",
};

export const refusedEn: Record<keyof typeof refusedZh, string> = {
  "act.refusal.identification": "Refused: identification by body features (R1)",
  "act.refusal.following": "Refused: following persons (R2)",
  "act.refusal.classification": "Refused: classification of people (R3)",
  "act.refusal.inference": "Refused: inference about minds (R4)",
  "act.refusal.prediction": "Refused: prediction about persons (R5)",
  "act.refusal.movement-profile": "Refused: movement profile (R6)",
  "act.refusal.association": "Refused: association analysis (R7)",
  "act.refusal.sweep": "Refused: sweep of an area (R8)",
  "act.refusal.open-watch": "Refused: open-ended or group watch (R9)",
  "act.refusal.bulk-supply": "Refused: bulk supply (R10)",
  "act.refusal.hidden-use": "Refused: hidden use (R11)",
  "act.refusal.outside-persons": "Refused: outside person databases (R12)",
};
