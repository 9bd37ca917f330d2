const MAX_QUANTITY = 10_000;

/** Items in the order in which they were first added, one line per item. */
export class Cart {
  #lines = new Map();

  add(item, quantity = 1) {
    const total = this.quantityOf(item.sku) + quantity;
    if (!Number.isInteger(quantity) || quantity < 1) throw new RangeError(`Not a quantity: ${quantity}`);
    if (total > MAX_QUANTITY) throw new RangeError(`More than ${MAX_QUANTITY} of ${item.sku}`);
    this.#lines.set(item.sku, { item, quantity: total });
  }

  remove(sku, quantity = this.quantityOf(sku)) {
    const line = this.#lines.get(sku);
    if (!line) return;
    const left = line.quantity - quantity;
    if (left > 0) this.#lines.set(sku, { ...line, quantity: left });
    else this.#lines.delete(sku);
  }

  quantityOf(sku) {
    return this.#lines.get(sku)?.quantity ?? 0;
  }

  get lines() {
    return [...this.#lines.values()];
  }

  get isEmpty() {
    return this.#lines.size === 0;
  }

  /** Cents before discount and tax. */
  subtotal() {
    return this.lines.reduce((sum, { item, quantity }) => sum + item.unitPrice * quantity, 0);
  }
}
