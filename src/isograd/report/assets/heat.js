/* The map of layers and readings, drawn on a canvas and walked through by pointer or keyboard. */
(() => {
  const LEVELS = 250, ZERO = 253, BROKEN = 254, UNSEEN = 255;
  const AXIS_HEIGHT = 24, FONT_SIZE = 12;

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

  class HeatMap {
    constructor(figure, map) {
      this.figure = figure;
      this.map = map;
      this.codes = Object.fromEntries(map.layers.map((layer) => [layer.key, decoded(layer.codes)]));
      this.layer = map.layers[0];
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
      this.canvas.addEventListener("focus", () => { this.focused = true; this.draw(); this.tell(); });
      this.canvas.addEventListener("blur", () => { this.focused = false; this.draw(); });
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
      const widest = Math.max(...rows.map((name) => pen.measureText(name).width));
      this.gutter = Math.ceil(Math.min(widest, this.width * 0.3)) + 10;
      this.cellWidth = (this.width - this.gutter) / columns.length;
      this.cellHeight = Math.max(2, Math.min(26, 440 / rows.length));
      this.height = Math.ceil(this.cellHeight * rows.length);
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
      this.draw();
      this.tell();
    }

    point(event, chosen = false) {
      const cell = this.cellAt(event);
      this.tip.hidden = !cell;
      if (!cell) return;
      if (chosen) {
        [this.row, this.column] = [cell.row, cell.column];
        this.draw();
        this.tell();
      }
      this.tip.textContent = this.sentence(cell.row, cell.column);
      const left = this.gutter + (cell.column + 0.5) * this.cellWidth - this.tip.offsetWidth / 2;
      const above = cell.row * this.cellHeight - this.tip.offsetHeight - 8;
      this.tip.style.left = `${Math.max(0, Math.min(left, this.width - this.tip.offsetWidth))}px`;
      this.tip.style.top = `${above < -40 ? (cell.row + 1) * this.cellHeight + 8 : above}px`;
    }

    /* How it is drawn */

    draw() {
      this.measure();
      const ratio = devicePixelRatio || 1;
      this.canvas.width = Math.round(this.width * ratio);
      this.canvas.height = Math.round((this.height + AXIS_HEIGHT) * ratio);
      this.canvas.style.height = `${this.height + AXIS_HEIGHT}px`;
      const pen = this.canvas.getContext("2d");
      pen.scale(ratio, ratio);
      this.cells(pen);
      this.labels(pen);
      if (this.focused) this.cursor(pen);
      this.legend();
    }

    cells(pen) {
      const colour = (swatch) => getComputedStyle(this.figure.querySelector(swatch)).backgroundColor;
      const special = { [ZERO]: colour(".zero"), [BROKEN]: hatch(pen), [UNSEEN]: dotted(pen, colour(".unseen"), this.quiet()) };
      const fills = Array.from({ length: 256 }, (_, code) => {
        const value = valueOf(this.layer, code);
        return value === null ? special[code] || "black" : colourOf(this.layer, value);
      });
      const snap = (place) => Math.round(place * devicePixelRatio) / devicePixelRatio;
      this.map.rows.forEach((_, row) => {
        const [top, bottom] = [snap(row * this.cellHeight), snap((row + 1) * this.cellHeight)];
        this.map.first_steps.forEach((_, column) => {
          const left = snap(this.gutter + column * this.cellWidth);
          const right = snap(this.gutter + (column + 1) * this.cellWidth);
          pen.fillStyle = fills[this.code(row, column)];
          pen.fillRect(left, top, right - left, bottom - top);
        });
      });
    }

    labels(pen) {
      const { rows, first_steps: steps } = this.map;
      pen.fillStyle = this.quiet();
      pen.font = this.font();
      pen.textBaseline = "middle";
      pen.textAlign = "right";
      const every = Math.ceil((FONT_SIZE + 3) / this.cellHeight);
      for (let row = 0; row < rows.length; row += every) {
        pen.fillText(this.shortened(pen, rows[row]), this.gutter - 8, (row + 0.5) * this.cellHeight);
      }
      const num_ticks = Math.max(2, Math.min(steps.length, Math.floor((this.width - this.gutter) / 90)));
      for (let tick = 0; tick < num_ticks; tick += 1) {
        const column = Math.round((tick * (steps.length - 1)) / Math.max(1, num_ticks - 1));
        pen.textAlign = tick === 0 ? "left" : tick === num_ticks - 1 ? "right" : "center";
        const shift = tick === 0 ? 0 : tick === num_ticks - 1 ? 1 : 0.5;
        pen.fillText(steps[column].toLocaleString("en"), this.gutter + (column + shift) * this.cellWidth, this.height + 13);
      }
    }

    /** A name that does not fit keeps its end, which tells layers apart. */
    shortened(pen, name) {
      let text = name;
      while (text.length > 2 && pen.measureText(text).width > this.gutter - 10) text = `…${text.slice(2)}`;
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
        pen.fillStyle = colourOf(this.layer, low + ((centre + reach - low) * at) / 239);
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
