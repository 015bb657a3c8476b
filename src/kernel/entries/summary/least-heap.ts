/** Finds the least of many weights that only grow: a binary heap of their numbers. */
export class LeastHeap {
  private readonly weights: Float64Array;
  private readonly numbers: Int32Array;
  /** The place of each number in `numbers`. */
  private readonly places: Int32Array;

  /** @param weights read again at each call; call `grew` for each weight that grew */
  constructor(weights: Float64Array) {
    this.weights = weights;
    this.numbers = Int32Array.from(weights.keys());
    this.places = this.numbers.slice();
    for (let place = (weights.length >>> 1) - 1; place >= 0; place -= 1) this.sink(place);
  }

  /** The number of the least weight. */
  least(): number {
    return this.numbers[0] as number;
  }

  grew(number: number): void {
    this.sink(this.places[number] as number);
  }

  private sink(from: number): void {
    const { weights, numbers, places } = this;
    const number = numbers[from] as number;
    const weight = weights[number] as number;
    let place = from;
    for (;;) {
      const child = this.lesserChild(place);
      const below = numbers[child] as number;
      if (child >= numbers.length || (weights[below] as number) >= weight) break;
      numbers[place] = below;
      places[below] = place;
      place = child;
    }
    numbers[place] = number;
    places[number] = place;
  }

  /** A place beyond the end if there is no child. */
  private lesserChild(place: number): number {
    const { weights, numbers } = this;
    const left = 2 * place + 1;
    const right = left + 1;
    if (right >= numbers.length) return left;
    return (weights[numbers[right] as number] as number) < (weights[numbers[left] as number] as number) ? right : left;
  }
}
