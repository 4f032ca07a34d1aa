// What is wrong with the shape of the page as it stands: a list of words, each naming the element. Lengths in CSS pixels.
() => {
  const SLACK = 1.5;
  const faults = new Set();
  const nameOf = (one) => {
    const id = one.getAttribute('data-testid') ?? one.id;
    const classes = typeof one.className === 'string' ? one.className.trim().split(/\s+/).filter((word) => word !== '' && !/^css-/.test(word)).slice(0, 2) : [];
    const own = one.tagName.toLowerCase() + classes.map((word) => `.${word}`).join('') + (id ? `[${id}]` : '');
    const said = (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 24);
    return `${own} “${said}”`;
  };
  const inside = (one) => (one.parentElement === null ? '' : ` in ${nameOf(one.parentElement)}`);
  const say = (what, one, more = '') => faults.add(`${what}: ${nameOf(one)}${inside(one)}${more}`);
  // The moving mark lies across the edges on purpose; what only a reader of the screen is told has no place.
  // A tile's state line gives up its least words first, and has them all on a larger tile.
  const isApart = (one) => one.closest('.screen-mark, .tile .foot, .ant-table-measure-row, .maplibregl-canvas-container, .u-wrap') !== null;
  const isSeen = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && !isApart(one);
  const styles = new Map();
  const styleOf = (one) => {
    if (!styles.has(one)) styles.set(one, getComputedStyle(one));
    return styles.get(one);
  };
  const boxOf = (one) => {
    const { left, top } = one.getBoundingClientRect();
    return { left: left + one.clientLeft, top: top + one.clientTop, right: left + one.clientLeft + one.clientWidth, bottom: top + one.clientTop + one.clientHeight };
  };
  /** The ancestors that may cut an element off, the nearest first: what lies apart from the flow is cut by fewer. */
  const cutters = (one) => {
    const found = [];
    let position = styleOf(one).position;
    for (let at = one.parentElement; at !== null && position !== 'fixed'; at = at.parentElement) {
      const style = styleOf(at);
      const holds = style.position !== 'static' || style.transform !== 'none' || style.containerType !== 'normal';
      if (position === 'absolute' && !holds) continue;
      if (style.overflowX !== 'visible' || style.overflowY !== 'visible') found.push([at, style]);
      position = style.position;
    }
    return found;
  };
  const modal = document.querySelector('dialog[open], .ant-modal-wrap:not([style*="display: none"]), .ant-drawer-open .ant-drawer-content-wrapper');
  const within = (one) => modal === null || modal.contains(one) || one.closest('.ant-select-dropdown, .ant-picker-dropdown, .ant-dropdown, .ant-popover') !== null;
  const all = [...document.body.querySelectorAll('*')];

  // 1. Nothing scrolls sideways.
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth + SLACK) faults.add(`the page scrolls sideways: ${page.scrollWidth} in ${innerWidth}`);
  for (const one of all) {
    if (one.scrollWidth <= one.clientWidth + SLACK || one.clientWidth === 0 || !isSeen(one)) continue;
    if (/auto|scroll/.test(styleOf(one).overflowX)) say('scrolls sideways', one, `, ${one.scrollWidth} in ${one.clientWidth}`);
  }

  const isTold = (edge) => edge.closest('[title]:not([title=""]), [aria-label]') !== null || edge.querySelector('[title]:not([title=""])') !== null;
  // 2. No text is cut off, but with an ellipsis and the whole of it to be had.
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walk.nextNode()) {
    const text = walk.currentNode;
    const holder = text.parentElement;
    if (text.textContent.trim() === '' || holder === null || /^(SCRIPT|STYLE|OPTION|TEXTAREA)$/.test(holder.tagName) || !isSeen(holder)) continue;
    range.selectNodeContents(text);
    for (const rect of range.getClientRects()) {
      if (rect.width < 1 || rect.height < 1) continue;
      const own = styleOf(holder);
      const edges = [...(own.overflowX !== 'visible' || own.overflowY !== 'visible' ? [[holder, own]] : []), ...cutters(holder)];
      for (const [edge, style] of edges) {
        const box = boxOf(edge);
        const told = isTold(edge);
        const tiny = box.right - box.left <= 2 || box.bottom - box.top <= 2; // for readers of the screen
        if (/auto|scroll/.test(style.overflowX) || tiny) break;
        if (rect.right > box.right + SLACK || rect.left < box.left - SLACK) {
          const marked = style.textOverflow === 'ellipsis' || [...edges].some(([, other]) => other.textOverflow === 'ellipsis');
          if (!marked) say('text is cut off', holder, ` by ${nameOf(edge)}`);
          else if (!told) say('text ends in an ellipsis and has no title', holder);
          break;
        }
        if (/auto|scroll/.test(style.overflowY)) break;
        if (rect.bottom > box.bottom + 3 || rect.top < box.top - 3) {
          if (!(style.webkitLineClamp !== 'none' && told)) say('text is cut off below or above', holder, ` by ${nameOf(edge)}`);
          break;
        }
      }
    }
  }
  const pen = document.createElement('canvas').getContext('2d');
  for (const field of document.body.querySelectorAll('input[placeholder]')) {
    if (field.value !== '' || field.placeholder === '' || !isSeen(field) || field.clientWidth === 0) continue;
    const style = styleOf(field);
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (pen.measureText(field.placeholder).width > room + SLACK && field.title === '') faults.add(`a placeholder is cut off: “${field.placeholder}” in ${Math.round(room)} px`);
  }

  // 3. Controls lie apart, whole, and under the pointer.
  const CONTROLS = 'button, a[href], input, select, textarea, summary, .ant-select, [role=button], [role=tab], [role=switch], [role=checkbox], [role=radio]';
  const controls = [];
  for (const one of document.body.querySelectorAll(CONTROLS)) {
    if (!isSeen(one) || !within(one) || one.closest('[aria-hidden=true]') !== null) continue;
    if (one.matches('input[type=radio], input[type=checkbox], input[type=file], .ant-select input, [role=combobox]:not(input)')) continue; // their label, or the box around them, is what one presses
    const whole = one.getBoundingClientRect();
    if (whole.width < 1 || whole.height < 1) continue;
    const seen = { left: whole.left, top: whole.top, right: whole.right, bottom: whole.bottom };
    let scrolled = false;
    let hidden;
    for (const [edge, style] of cutters(one)) {
      const box = boxOf(edge);
      const scrolls = /auto|scroll/.test(style.overflowY);
      const ends = style.textOverflow === 'ellipsis' && isTold(edge); // as any text may
      if (style.overflowX !== 'visible' && !ends && (box.left > seen.left + SLACK || box.right < seen.right - SLACK)) hidden ??= edge;
      if (style.overflowY !== 'visible' && !scrolls && !scrolled && (box.top > seen.top + SLACK || box.bottom < seen.bottom - SLACK)) hidden ??= edge;
      if (scrolls) scrolled = true;
      for (const side of ['left', 'top']) seen[side] = Math.max(seen[side], box[side]);
      for (const side of ['right', 'bottom']) seen[side] = Math.min(seen[side], box[side]);
    }
    if (hidden !== undefined) say('a control is cut off', one, ` by ${nameOf(hidden)}`);
    if (seen.right <= seen.left || seen.bottom <= seen.top) continue; // scrolled out of sight
    if (seen.left < -SLACK || seen.right > innerWidth + SLACK || (!scrolled && (seen.bottom > innerHeight + SLACK || (seen.top < -SLACK && seen.bottom > 0)))) say('a control is beyond the edge', one, ` at ${Math.round(seen.left)}…${Math.round(seen.right)} × ${Math.round(seen.top)}…${Math.round(seen.bottom)}`);
    if (seen.bottom <= 0 || seen.top >= innerHeight) continue;
    controls.push({ one, seen });
    const [x, y] = [(Math.max(0, seen.left) + Math.min(innerWidth, seen.right)) / 2, (Math.max(0, seen.top) + Math.min(innerHeight, seen.bottom)) / 2];
    const top = document.elementFromPoint(x, y);
    if (top !== null && !one.contains(top) && !top.contains(one) && top.closest('label')?.contains(one) !== true) say('a control is covered', one, ` by ${nameOf(top)}`);
  }
  for (const [at, { one, seen }] of controls.entries()) {
    for (const { one: other, seen: its } of controls.slice(at + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const width = Math.min(seen.right, its.right) - Math.max(seen.left, its.left);
      const height = Math.min(seen.bottom, its.bottom) - Math.max(seen.top, its.top);
      if (width > 2 && height > 2) say('two controls overlap', one, ` and ${nameOf(other)}`);
    }
  }
  return [...faults];
}
