/* How the map looks: cells, names, cursor and legend. It knows nothing of keys and pointers. */
const HeatPicture = (() => {
  const LEVELS = 250, ZERO = 253, BROKEN = 254, UNSEEN = 255;
  const AXIS_HEIGHT = 24, FONT_SIZE = 12, LABEL_PITCH = 20, LEGEND_WIDTH = 240;

  /** The value of a code, or null for one of the three special codes. */
  function valueOf(layer, code) {
    return code > LEVELS ? null : layer.low + (code / LEVELS) * (layer.high - layer.low);
  }

  /** Red, green and blue of a value. */
  function colourOf(layer, value) {
    const diverging = layer.scale === "diverging";
    const stops = diverging ? isograd.DIVERGING : isograd.SEQUENTIAL;
    const share = diverging ? 0.5 + (value - layer.centre) / (2 * layer.reach) : value / layer.reach;
    return isograd.between(stops[isograd.theme()], share);
  }

  /** What is said of a code. */
  function wordsOf(layer, code) {
    const special = { [ZERO]: "exact_zero", [BROKEN]: "non_finite", [UNSEEN]: "not_seen" }[code];
    return special ? isograd.say(special) : isograd.spoken(valueOf(layer, code), layer.unit);
  }

  function pattern(context, draw) {
    const tile = new OffscreenCanvas(6, 6);
    draw(tile.getContext("2d"));
    return context.createPattern(tile, "repeat");
  }

  /** Black with white strokes: it stands out from every colour of the scales, in both themes. */
  function hatch(pen) {
    pen.fillRect(0, 0, 6, 6);
    pen.strokeStyle = "#fff";
    for (const shift of [-6, 0, 6]) {
      pen.moveTo(shift, 6);
      pen.lineTo(shift + 6, 0);
    }
    pen.stroke();
  }

  /** The card's own ground with sparse dots: nothing was measured here. */
  function dots(pen, ground, ink) {
    pen.fillStyle = ground;
    pen.fillRect(0, 0, 6, 6);
    pen.fillStyle = ink;
    pen.fillRect(2, 2, 1, 1);
  }

  /** How many dotted parts all names have in common at their beginning and, beyond that, at their end. */
  function sharedParts(names) {
    const paths = names.map((name) => name.split("."));
    const shortest = Math.min(...paths.map((path) => path.length)) - 1;
    const same = (part) => paths.every((path) => part(path) === part(paths[0]));
    let [head, tail] = [0, 0];
    while (head < shortest && same((path) => path[head])) head += 1;
    while (head + tail < shortest && same((path) => path[path.length - 1 - tail])) tail += 1;
    return { head, tail };
  }

  class Picture {
    constructor(figure, map) {
      this.figure = figure;
      this.map = map;
      this.canvas = figure.querySelector(".stage canvas");
      this.shared = sharedParts(map.rows);
      this.ratio = 1;
    }

    get columns() { return this.map.first_steps.length; }

    /** The cell under a pointer, or null. */
    cellAt(event) {
      const box = this.canvas.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left - this.gutter) / this.cellWidth);
      const row = Math.floor((event.clientY - box.top) / this.cellHeight);
      const inside = column >= 0 && row >= 0 && column < this.columns && row < this.map.rows.length;
      return inside ? { row, column } : null;
    }

    /** Left edge, upper edge, width and height of a cell, in CSS pixels. */
    boxOf({ row, column }) {
      return [this.gutter + column * this.cellWidth, row * this.cellHeight, this.cellWidth, this.cellHeight];
    }

    /** Draws everything anew: after a change of size, theme or quantity. */
    draw(layer, codes) {
      this.ratio = devicePixelRatio || 1;
      this.measure();
      const height = this.height + AXIS_HEIGHT;
      const size = [Math.round(this.width * this.ratio), Math.round(height * this.ratio)];
      [this.canvas.width, this.canvas.height] = size;
      this.canvas.style.height = `${height}px`;
      this.drawn = new OffscreenCanvas(...size);
      const pen = this.drawn.getContext("2d");
      pen.scale(this.ratio, this.ratio);
      this.cells(pen, layer, codes);
      this.specials(pen, codes);
      this.names(pen);
      this.steps(pen);
      this.legend(layer);
    }

    /** Shows what was drawn, with the cursor on it if there is one; moving the cursor needs no more. */
    show(cursor) {
      const pen = this.canvas.getContext("2d");
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
      pen.drawImage(this.drawn, 0, 0);
      pen.scale(this.ratio, this.ratio);
      if (!cursor) return;
      const [left, top, width, height] = this.boxOf(cursor);
      for (const [colour, thickness] of [["#000", 4], ["#fff", 2]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = thickness;
        pen.strokeRect(left, top, Math.max(5, width), Math.max(5, height));
      }
    }

    measure() {
      const pen = this.canvas.getContext("2d");
      pen.font = this.font();
      this.width = this.canvas.parentElement.clientWidth;
      this.room = this.width * 0.3;
      const widest = Math.max(...this.map.rows.map((name) => pen.measureText(this.shortened(pen, name)).width));
      this.gutter = Math.ceil(widest) + 10;
      this.cellWidth = (this.width - this.gutter) / this.columns;
      this.cellHeight = Math.max(2, Math.min(26, 440 / this.map.rows.length));
      this.height = this.cellHeight * this.map.rows.length;
    }

    font() { return `${FONT_SIZE}px ${getComputedStyle(document.body).fontFamily}`; }

    quiet() { return getComputedStyle(this.figure.querySelector("figcaption p")).color; }

    ground(swatch) { return getComputedStyle(this.figure.querySelector(swatch)).backgroundColor; }

    /** One pixel a cell, then stretched. */
    cells(pen, layer, codes) {
      const palette = Array.from({ length: LEVELS + 1 }, (_, code) => [...colourOf(layer, valueOf(layer, code)), 255]);
      const image = new ImageData(this.columns, this.map.rows.length);
      codes.forEach((code, at) => { if (code <= LEVELS) image.data.set(palette[code], 4 * at); });
      const small = new OffscreenCanvas(image.width, image.height);
      small.getContext("2d").putImageData(image, 0, 0);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(small, this.gutter, 0, this.width - this.gutter, this.height);
    }

    /** Over it the cells that hold no number, by pattern. */
    specials(pen, codes) {
      const fills = {
        [ZERO]: this.ground(".zero"),
        [BROKEN]: pattern(pen, hatch),
        [UNSEEN]: pattern(pen, (tile) => dots(tile, this.ground(".unseen"), this.quiet())),
      };
      codes.forEach((code, at) => {
        if (code <= LEVELS) return;
        const [left, top, width, height] = this.boxOf({ row: Math.floor(at / this.columns), column: at % this.columns });
        pen.fillStyle = fills[code];
        pen.fillRect(left, top, width + 0.5, height + 0.5);
      });
    }

    names(pen) {
      const every = Math.max(1, Math.ceil(LABEL_PITCH / this.cellHeight));
      pen.font = this.font();
      pen.fillStyle = this.quiet();
      pen.textBaseline = "middle";
      pen.textAlign = "right";
      for (let row = 0; row < this.map.rows.length; row += this.cellHeight > FONT_SIZE + 2 ? 1 : every) {
        const middle = Math.max(FONT_SIZE / 2, (row + 0.5) * this.cellHeight);
        pen.fillText(this.shortened(pen, this.map.rows[row]), this.gutter - 8, middle);
      }
    }

    /** A name that does not fit loses first what all names share, then its middle. */
    shortened(pen, name) {
      const fits = (text) => pen.measureText(text).width <= this.room;
      if (fits(name)) return name;
      const parts = name.split(".");
      const own = parts.slice(this.shared.head, parts.length - this.shared.tail).join(".") || name;
      let text = own;
      for (let length = own.length - 1; length > 2 && !fits(text); length -= 1) {
        const head = Math.ceil(length * 0.4);
        text = `${own.slice(0, head)}…${own.slice(own.length - length + head)}`;
      }
      return text;
    }

    steps(pen) {
      const room = Math.max(2, Math.floor((this.width - this.gutter) / 90));
      const last = Math.min(this.columns, room) - 1;
      for (let tick = 0; tick <= last; tick += 1) {
        const column = Math.round((tick * (this.columns - 1)) / Math.max(1, last));
        // The outer ones stay within the map.
        const [align, within] = tick === 0 ? ["left", 0] : tick === last ? ["right", 1] : ["center", 0.5];
        pen.textAlign = align;
        const left = this.gutter + (column + within) * this.cellWidth;
        pen.fillText(this.map.first_steps[column].toLocaleString("en"), left, this.height + 13);
      }
    }

    legend(layer) {
      const strip = this.figure.querySelector(".scale canvas");
      [strip.width, strip.height] = [LEGEND_WIDTH, 1];
      const pen = strip.getContext("2d");
      const low = layer.scale === "diverging" ? layer.centre - layer.reach : 0;
      const high = layer.centre + layer.reach;
      for (let at = 0; at < LEGEND_WIDTH; at += 1) {
        const colour = colourOf(layer, low + ((high - low) * at) / (LEGEND_WIDTH - 1));
        pen.fillStyle = `rgb(${colour.join(" ")})`;
        pen.fillRect(at, 0, 1, 1);
      }
      const [lowWord, highWord] = layer.key === "update" ? ["slow", "fast"] : ["vanishing", "exploding"];
      const whole = (value) => isograd.raised(isograd.say("decades", { value: isograd.signed(value, 0) }));
      const read = (value) => (["decades", "fine"].includes(layer.unit) ? whole(value) : isograd.spoken(value, layer.unit));
      const texts = layer.scale === "sequential"
        ? [read(0), "", read(high)]
        : [`${read(low)} · ${isograd.say(lowWord)}`, isograd.say("healthy"), `${read(high)} · ${isograd.say(highWord)}`];
      [".low", ".middle", ".high"].forEach((part, at) => {
        this.figure.querySelector(`.scale ${part}`).textContent = texts[at];
      });
    }
  }

  return Object.assign(Picture, { wordsOf });
})();
