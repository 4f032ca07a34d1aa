/** Finding cameras, favourites and groups. */
export const findZh = {
  "tree.states": "按状态筛选",
  "tree.favourites": "我的收藏",
  "tree.mark": "收藏(*)",
  "tree.unmark": "取消收藏(*)",
  "tree.openAll": "全部上墙(Ctrl+Enter)",
  "tree.groupOf": "由{owner}建立",
  "tree.newGroup": "新建分组",
  "tree.groupName": "分组名称,按回车建立",
};

export const findEn: Record<keyof typeof findZh, string> = {
  "tree.states": "Only these states",
  "tree.favourites": "Favourites",
  "tree.mark": "Mark as favourite (*)",
  "tree.unmark": "No favourite any more (*)",
  "tree.openAll": "All on the wall (Ctrl+Enter)",
  "tree.groupOf": "made by {owner}",
  "tree.newGroup": "New group",
  "tree.groupName": "Name of the group, Enter makes it",
};
