/* The map of layers and readings, drawn on a canvas and walked through by pointer or keyboard. */
(() => {
  const LEVELS = 250, ZERO = 253, BROKEN = 254, UNSEEN = 255;
  const AXIS_HEIGHT = 24, FONT_SIZE = 12, LABEL_PITCH = 17;

  function decoded(base64) {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  /** The value of a code, or null for one of the three special codes. */
  function valueOf(layer, code) {
    return code > LEVELS ? null : layer.low + (code / LEVELS) * (layer.high - layer.low);
  }

  function colourOf(layer, value) {
    const stops = layer.scale === "diverging" ? isograd.DIVERGING : isograd.SEQUENTIAL;
    const share = layer.scale === "diverging" ? 0.5 + (value - layer.centre) / (2 * layer.reach) : value / layer.reach;
    return isograd.between(stops[isograd.theme()], share);
  }

  function words(layer, code) {
    if (code === ZERO) return isograd.say("exact_zero");
    if (code === BROKEN) return isograd.say("non_finite");
    if (code === UNSEEN) return isograd.say("not_seen");
    return isograd.spoken(valueOf(layer, code), layer.unit);
  }

  /** Black with white strokes: it stands out from every colour of the scales, in both themes. */
  function hatch(context) {
    const tile = new OffscreenCanvas(6, 6);
    const pen = tile.getContext("2d");
    pen.fillRect(0, 0, 6, 6);
    pen.strokeStyle = "#fff";
    for (const shift of [-6, 0, 6]) {
      pen.moveTo(shift, 6);
      pen.lineTo(shift + 6, 0);
    }
    pen.stroke();
    return context.createPattern(tile, "repeat");
  }

  /** The card's own ground with sparse dots: nothing was measured here. */
  function dotted(context, ground, ink) {
    const tile = new OffscreenCanvas(6, 6);
    const pen = tile.getContext("2d");
    pen.fillStyle = ground;
    pen.fillRect(0, 0, 6, 6);
    pen.fillStyle = ink;
    pen.fillRect(2, 2, 1, 1);
    return context.createPattern(tile, "repeat");
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

  class HeatMap {
    constructor(figure, map) {
      this.figure = figure;
      this.map = map;
      this.codes = Object.fromEntries(map.layers.map((layer) => [layer.key, decoded(layer.codes)]));
      this.layer = map.layers[0];
      this.shared = sharedParts(map.rows);
      this.canvas = figure.querySelector(".stage canvas");
      this.tip = figure.querySelector(".tip");
      this.readout = figure.querySelector(".readout");
      this.scale = figure.querySelector(".scale");
      this.row = 0;
      this.column = map.first_steps.length - 1;
      this.focused = false;
      this.listen(figure);
      new ResizeObserver(() => this.draw()).observe(this.canvas.parentElement);
    }

    listen(figure) {
      figure.querySelectorAll(".choice input").forEach((input) => {
        input.addEventListener("change", () => {
          this.layer = this.map.layers.find((layer) => layer.key === input.value);
          this.draw();
          this.tell();
        });
      });
      this.canvas.addEventListener("keydown", (event) => this.key(event));
      this.canvas.addEventListener("focus", () => { this.focused = true; this.show(); this.tell(); });
      this.canvas.addEventListener("blur", () => { this.focused = false; this.show(); });
      this.canvas.addEventListener("pointermove", (event) => this.point(event));
      this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
      this.canvas.addEventListener("pointerdown", (event) => this.point(event, true));
      document.addEventListener("themechange", () => this.draw());
    }

    /* Where things are */

    measure() {
      const { rows, first_steps: columns } = this.map;
      this.width = this.canvas.parentElement.clientWidth;
      const pen = this.canvas.getContext("2d");
      pen.font = this.font();
      this.room = this.width * 0.3;
      const widest = Math.max(...rows.map((name) => pen.measureText(this.shortened(pen, name)).width));
      this.gutter = Math.ceil(widest) + 10;
      this.cellWidth = (this.width - this.gutter) / columns.length;
      this.cellHeight = Math.max(2, Math.min(26, 440 / rows.length));
      this.height = this.cellHeight * rows.length;
    }

    quiet() { return getComputedStyle(this.figure.querySelector("figcaption p")).color; }

    font() { return `${FONT_SIZE}px ${getComputedStyle(document.body).fontFamily}`; }

    cellAt(event) {
      const box = this.canvas.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left - this.gutter) / this.cellWidth);
      const row = Math.floor((event.clientY - box.top) / this.cellHeight);
      const inside = column >= 0 && row >= 0 && column < this.map.first_steps.length && row < this.map.rows.length;
      return inside ? { row, column } : null;
    }

    code(row, column) { return this.codes[this.layer.key][row * this.map.first_steps.length + column]; }

    /* What is said */

    sentence(row, column) {
      const [step, last] = [this.map.first_steps[column], this.map.last_steps[column]];
      return isograd.say(step === last ? "say_cell" : "say_cell_range", {
        site: this.map.rows[row],
        step: step.toLocaleString("en"),
        last: last.toLocaleString("en"),
        value: words(this.layer, this.code(row, column)),
      });
    }

    tell() { this.readout.textContent = this.sentence(this.row, this.column); }

    /* How it is moved */

    key(event) {
      const [lastRow, lastColumn] = [this.map.rows.length - 1, this.map.first_steps.length - 1];
      const moves = {
        ArrowUp: () => { this.row -= 1; },
        ArrowDown: () => { this.row += 1; },
        ArrowLeft: () => { this.column -= 1; },
        ArrowRight: () => { this.column += 1; },
        PageUp: () => { this.row -= 10; },
        PageDown: () => { this.row += 10; },
        Home: () => { this.column = 0; if (event.ctrlKey) this.row = 0; },
        End: () => { this.column = lastColumn; if (event.ctrlKey) this.row = lastRow; },
      };
      if (!(event.key in moves) || event.altKey || event.metaKey) return;
      event.preventDefault();
      moves[event.key]();
      this.row = Math.min(lastRow, Math.max(0, this.row));
      this.column = Math.min(lastColumn, Math.max(0, this.column));
      this.show();
      this.tell();
    }

    point(event, chosen = false) {
      const cell = this.cellAt(event);
      this.tip.hidden = !cell;
      if (!cell) return;
      if (chosen) {
        [this.row, this.column] = [cell.row, cell.column];
        this.show();
        this.tell();
      }
      this.tip.textContent = this.sentence(cell.row, cell.column);
      const left = this.gutter + (cell.column + 0.5) * this.cellWidth - this.tip.offsetWidth / 2;
      const above = cell.row * this.cellHeight - this.tip.offsetHeight - 8;
      this.tip.style.left = `${Math.max(0, Math.min(left, this.width - this.tip.offsetWidth))}px`;
      this.tip.style.top = `${above < -40 ? (cell.row + 1) * this.cellHeight + 8 : above}px`;
    }

    /* How it is drawn */

    /** Draws everything anew: after a change of size, theme or quantity. */
    draw() {
      this.measure();
      const ratio = devicePixelRatio || 1;
      const size = [Math.round(this.width * ratio), Math.round((this.height + AXIS_HEIGHT) * ratio)];
      [this.canvas.width, this.canvas.height] = size;
      this.canvas.style.height = `${this.height + AXIS_HEIGHT}px`;
      this.picture = new OffscreenCanvas(...size);
      const pen = this.picture.getContext("2d");
      pen.scale(ratio, ratio);
      this.cells(pen);
      this.labels(pen);
      this.legend();
      this.show();
    }

    /** The picture with the cursor on it; moving the cursor needs no more. */
    show() {
      const pen = this.canvas.getContext("2d");
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
      pen.drawImage(this.picture, 0, 0);
      pen.scale(devicePixelRatio || 1, devicePixelRatio || 1);
      if (this.focused) this.cursor(pen);
    }

    /** One pixel a cell, stretched; then the special cells, which have patterns, over it. */
    cells(pen) {
      const [columns, rows] = [this.map.first_steps.length, this.map.rows.length];
      const codes = this.codes[this.layer.key];
      const palette = Array.from({ length: LEVELS + 1 }, (_, code) => colourOf(this.layer, valueOf(this.layer, code)));
      const image = new ImageData(columns, rows);
      codes.forEach((code, at) => { if (code <= LEVELS) image.data.set([...palette[code], 255], 4 * at); });
      const small = new OffscreenCanvas(columns, rows);
      small.getContext("2d").putImageData(image, 0, 0);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(small, this.gutter, 0, this.width - this.gutter, this.height);
      this.specials(pen, codes, columns);
    }

    specials(pen, codes, columns) {
      const colour = (swatch) => getComputedStyle(this.figure.querySelector(swatch)).backgroundColor;
      const fills = { [ZERO]: colour(".zero"), [BROKEN]: hatch(pen), [UNSEEN]: dotted(pen, colour(".unseen"), this.quiet()) };
      const [wide, high] = [this.cellWidth, this.cellHeight];
      codes.forEach((code, at) => {
        if (code <= LEVELS) return;
        pen.fillStyle = fills[code];
        pen.fillRect(this.gutter + (at % columns) * wide, Math.floor(at / columns) * high, wide + 0.5, high + 0.5);
      });
    }

    labels(pen) {
      const { rows, first_steps: steps } = this.map;
      pen.fillStyle = this.quiet();
      pen.font = this.font();
      pen.textBaseline = "middle";
      pen.textAlign = "right";
      const every = Math.max(1, Math.ceil(LABEL_PITCH / this.cellHeight));
      for (let row = 0; row < rows.length; row += every) {
        pen.fillText(this.shortened(pen, rows[row]), this.gutter - 8, Math.max(FONT_SIZE / 2, (row + 0.5) * this.cellHeight));
      }
      const num_ticks = Math.max(2, Math.min(steps.length, Math.floor((this.width - this.gutter) / 90)));
      for (let tick = 0; tick < num_ticks; tick += 1) {
        const column = Math.round((tick * (steps.length - 1)) / Math.max(1, num_ticks - 1));
        pen.textAlign = tick === 0 ? "left" : tick === num_ticks - 1 ? "right" : "center";
        const shift = tick === 0 ? 0 : tick === num_ticks - 1 ? 1 : 0.5;
        pen.fillText(steps[column].toLocaleString("en"), this.gutter + (column + shift) * this.cellWidth, this.height + 13);
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

    cursor(pen) {
      const place = [this.gutter + this.column * this.cellWidth, this.row * this.cellHeight];
      const size = [Math.max(5, this.cellWidth), Math.max(5, this.cellHeight)];
      for (const [colour, width] of [["#000", 4], ["#fff", 2]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.strokeRect(...place, ...size);
      }
    }

    legend() {
      const strip = this.scale.querySelector("canvas");
      strip.width = 240;
      strip.height = 1;
      const pen = strip.getContext("2d");
      const { centre, reach, scale, unit, key } = this.layer;
      const low = scale === "diverging" ? centre - reach : 0;
      for (let at = 0; at < 240; at += 1) {
        pen.fillStyle = `rgb(${colourOf(this.layer, low + ((centre + reach - low) * at) / 239).join(" ")})`;
        pen.fillRect(at, 0, 1, 1);
      }
      const name = (word, value) => [value, word && isograd.say(word)].filter(Boolean).join(" ");
      const texts = scale === "sequential"
        ? [isograd.spoken(0, unit), "", isograd.spoken(reach, unit)]
        : key === "update"
          ? [name("slow", isograd.spoken(low, unit)), isograd.spoken(centre, unit), name("fast", isograd.spoken(centre + reach, unit))]
          : [name("vanishing", isograd.signed(low, 0)), name("healthy", "0"), name("exploding", `+${isograd.signed(reach, 0)}`)];
      [".low", ".middle", ".high"].forEach((part, at) => { this.scale.querySelector(part).textContent = texts[at]; });
    }
  }

  document.querySelectorAll("[data-map]").forEach((figure) => {
    new HeatMap(figure, isograd.data.maps[figure.dataset.map]);
  });
})();
