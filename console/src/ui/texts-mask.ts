/** The texts of privacy masks. */
export const maskZh = {
  "mask.title": "隐私遮挡",
  "mask.none": "没有遮挡。住户窗口等不应被看到的区域可在画面上圈出,立即对所有人生效。",
  "mask.unknownPosition": "摄像机朝向未知,画面保持全黑;调用一个已设遮挡的预置位即可恢复。",
  "mask.lifted": "遮挡已为您解除,至 {time};全程有记录。",
  "mask.unnamed": "未命名",
  "mask.clear": "此预置位无需遮挡",
  "mask.preset": "预置位 {number}",
  "mask.name": "遮挡名称",
  "mask.draw": "在画面上绘制",
  "mask.draw.help": "单击(或方向键移动、空格)放置顶点,回车或双击完成,退格撤销,Esc 放弃",
  "mask.declareClear": "此位无需遮挡",
  "mask.declareClear.help": "声明摄像机在此预置位时画面中没有需要遮挡的内容",
  "player.masked": "含隐私遮挡",
  "function.manage-masks": "设置隐私遮挡",
};

export const maskEn: Record<keyof typeof maskZh, string> = {
  "mask.title": "Privacy masks",
  "mask.none": "No masks. Draw round what nobody should see, such as the windows of homes; it is hidden from everybody at once.",
  "mask.unknownPosition": "Nobody knows where the camera looks, so its picture is black; go to a preset that has masks.",
  "mask.lifted": "The masks are lifted for you until {time}; all of it is recorded.",
  "mask.unnamed": "Without a name",
  "mask.clear": "Nothing to hide at this preset",
  "mask.preset": "Preset {number}",
  "mask.name": "Name of the mask",
  "mask.draw": "Draw on the picture",
  "mask.draw.help": "Click (or arrow keys and space) sets corners, Enter or a double click closes, Backspace takes one back, Esc gives up",
  "mask.declareClear": "Nothing to hide here",
  "mask.declareClear.help": "Says that the picture at this preset shows nothing that must be hidden",
  "player.masked": "privacy masks",
  "function.manage-masks": "Lay on privacy masks",
};
