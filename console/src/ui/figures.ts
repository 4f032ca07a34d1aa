/** Numbers as people read them. Pure. */
export function bits(perSecond: number): string {
  if (perSecond >= 1e9) return `${(perSecond / 1e9).toFixed(2)} Gbit/s`;
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} Mbit/s`;
  return perSecond === 0 ? "0" : `${Math.round(perSecond / 1e3)} kbit/s`;
}

export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} GB`;
  return `${(count / 1e6).toFixed(count >= 1e8 ? 0 : 1)} MB`;
}

/** Axis and legend of things that are counted. */
export function whole(count: number): string {
  return Number.isInteger(count) ? String(count) : "";
}

/** A share of packets: enough digits to see one in ten thousand. */
export function loss(share: number): string {
  return share === 0 ? "0" : share < 0.0001 ? "<0.01%" : `${(share * 100).toFixed(share < 0.01 ? 2 : 1)}%`;
}

/** A span in the two largest units. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  if (days > 0) return `${days} d ${two(hours)} h`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
