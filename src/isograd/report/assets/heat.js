/* The map of layers and readings, walked through by pointer or keyboard. */
(() => {
  function decoded(base64) {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  class HeatMap {
    constructor(figure, map) {
      this.map = map;
      this.codes = Object.fromEntries(map.layers.map((layer) => [layer.key, decoded(layer.codes)]));
      this.layer = map.layers[0];
      this.picture = new HeatPicture(figure, map);
      this.canvas = figure.querySelector(".stage canvas");
      this.tip = figure.querySelector(".tip");
      this.readout = figure.querySelector(".readout");
      this.cursor = { row: 0, column: map.first_steps.length - 1 };
      this.focused = false;
      this.listen(figure);
      this.draw();
      new ResizeObserver(() => {
        if (this.canvas.parentElement.clientWidth !== this.picture.width) this.draw();
      }).observe(this.canvas.parentElement);
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
      this.canvas.addEventListener("focus", () => this.focus(true));
      this.canvas.addEventListener("blur", () => this.focus(false));
      this.canvas.addEventListener("pointermove", (event) => this.point(event));
      this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
      this.canvas.addEventListener("pointerdown", (event) => this.point(event, true));
      document.addEventListener("themechange", () => this.draw());
    }

    draw() {
      this.picture.draw(this.layer, this.codes[this.layer.key]);
      this.show();
    }

    show() { this.picture.show(this.focused ? this.cursor : null); }

    focus(focused) {
      this.focused = focused;
      this.show();
      if (focused) this.tell();
    }

    sentence({ row, column }) {
      const [step, last] = [this.map.first_steps[column], this.map.last_steps[column]];
      return isograd.say(step === last ? "say_cell" : "say_cell_range", {
        site: this.map.rows[row],
        step: step.toLocaleString("en"),
        last: last.toLocaleString("en"),
        value: HeatPicture.wordsOf(this.layer, this.codes[this.layer.key][row * this.map.first_steps.length + column]),
      });
    }

    tell() { this.readout.textContent = this.sentence(this.cursor); }

    key(event) {
      const [lastRow, lastColumn] = [this.map.rows.length - 1, this.map.first_steps.length - 1];
      const { row, column } = this.cursor;
      const target = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        PageUp: [row - 10, column],
        PageDown: [row + 10, column],
        Home: [event.ctrlKey ? 0 : row, 0],
        End: [event.ctrlKey ? lastRow : row, lastColumn],
      }[event.key];
      if (!target || event.altKey || event.metaKey) return;
      event.preventDefault();
      const within = (value, last) => Math.min(last, Math.max(0, value));
      this.cursor = { row: within(target[0], lastRow), column: within(target[1], lastColumn) };
      this.show();
      this.tell();
    }

    point(event, chosen = false) {
      const cell = this.picture.cellAt(event);
      this.tip.hidden = !cell;
      if (!cell) return;
      if (chosen) {
        this.cursor = cell;
        this.show();
        this.tell();
      }
      this.tip.textContent = this.sentence(cell);
      const [left, top, width, height] = this.picture.boxOf(cell);
      const wanted = left + (width - this.tip.offsetWidth) / 2;
      const above = top - this.tip.offsetHeight - 8;
      this.tip.style.left = `${Math.max(0, Math.min(wanted, this.picture.width - this.tip.offsetWidth))}px`;
      this.tip.style.top = `${above < -40 ? top + height + 8 : above}px`;
    }
  }

  document.querySelectorAll("[data-map]").forEach((figure) => {
    new HeatMap(figure, isograd.data.maps[figure.dataset.map]);
  });
})();
