/** The place of a name in the palette: by a hash of it, so that it keeps its colour on every page. */
export function seriesSlots(names: readonly string[], colours = 8): ReadonlyMap<string, number> {
  const taken = new Set<number>();
  const slots = new Map<string, number>();
  for (const name of [...names].sort()) {
    let slot = hash(name) % colours;
    // Two curves side by side never share a colour while there is another one.
    while (taken.has(slot) && taken.size < colours) slot = (slot + 1) % colours;
    taken.add(slot);
    slots.set(name, slot);
  }
  return slots;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
