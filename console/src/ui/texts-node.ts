/** Texts of the node's page and the waiting list. */
export const nodeZh = {
  "node.port.sip": "SIP 信令 · UDP、TCP",
  "node.port.rtp": "RTP 收流 · UDP、TCP",
  "node.port.http": "控制台与接口 · TCP",
  "node.port.media_http": "WebSocket、WHEP、HLS · TCP",
  "node.port.webrtc": "WebRTC · UDP",
  "node.address.all": "其他网段",
  "node.address.network": "按网段配置",
  "node.address.public": "配置的公网地址",
  "node.address.route": "系统路由",
  "waiting.actions": "处理",
};

export const nodeEn: typeof nodeZh = {
  "node.port.sip": "SIP signalling · UDP, TCP",
  "node.port.rtp": "RTP from devices · UDP, TCP",
  "node.port.http": "Console and API · TCP",
  "node.port.media_http": "WebSocket, WHEP, HLS · TCP",
  "node.port.webrtc": "WebRTC · UDP",
  "node.address.all": "Other networks",
  "node.address.network": "set for this network",
  "node.address.public": "public address, set",
  "node.address.route": "by the system's routes",
  "waiting.actions": "Decision",
};
