/* A cursor on each chart: a slider for the keyboard and for screen readers, a cross-line for the pointer. */
(() => {
  const WIDTH = 2000;
  const NEAR = WIDTH / 60;

  /** The index of the number nearest to `place` in an ascending list. */
  function nearest(list, place) {
    let [low, high] = [0, list.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle] < place) low = middle + 1;
      else high = middle;
    }
    return low > 0 && place - list[low - 1] < list[low] - place ? low - 1 : low;
  }

  class Chart {
    constructor(figure, chart) {
      this.chart = chart;
      // The line with the most points leads; the others are read where they have a point close by.
      this.leader = chart.lines.reduce((best, line) => (line.at.length > best.at.length ? line : best));
      this.index = this.leader.at.length - 1;
      this.area = figure.querySelector(".area");
      this.line = figure.querySelector(".cursor");
      this.readout = figure.querySelector(".readout");
      this.prepare();
      this.listen();
    }

    prepare() {
      this.area.setAttribute("role", "slider");
      this.area.tabIndex = 0;
      this.area.setAttribute("aria-valuemin", 0);
      this.area.setAttribute("aria-valuemax", this.leader.at.length - 1);
      this.place(this.index, false);
    }

    listen() {
      this.area.addEventListener("keydown", (event) => this.key(event));
      this.area.addEventListener("focus", () => this.place(this.index));
      const follow = (event) => {
        const box = this.area.getBoundingClientRect();
        this.place(nearest(this.leader.at, ((event.clientX - box.left) / box.width) * WIDTH));
      };
      this.area.addEventListener("pointermove", follow);
      this.area.addEventListener("pointerdown", follow);
    }

    key(event) {
      const last = this.leader.at.length - 1;
      const big = Math.max(1, Math.round(last / 10));
      const target = {
        ArrowLeft: this.index - 1, ArrowDown: this.index - 1, ArrowRight: this.index + 1, ArrowUp: this.index + 1,
        PageDown: this.index - big, PageUp: this.index + big, Home: 0, End: last,
      }[event.key];
      if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.place(Math.min(last, Math.max(0, target)));
    }

    where() {
      const x = this.leader.x[this.index];
      return this.chart.names.length ? this.chart.names[x] : isograd.say(this.chart.say, { x: x.toLocaleString("en") });
    }

    values() {
      const place = this.leader.at[this.index];
      return this.chart.lines.flatMap((line) => {
        const at = nearest(line.at, place);
        if (!line.at.length || Math.abs(line.at[at] - place) > NEAR) return [];
        const value = line.y[at];
        return [[line.label, value === null ? isograd.say("exact_zero") : isograd.spoken(value, this.chart.unit)]];
      });
    }

    place(index, shown = true) {
      this.index = index;
      const [where, values] = [this.where(), this.values()];
      this.area.setAttribute("aria-valuenow", index);
      this.area.setAttribute("aria-valuetext", `${where}: ${values.map((pair) => pair.join(" ")).join(", ")}`);
      if (!shown) return;
      const percent = `${(100 * this.leader.at[index]) / WIDTH}%`;
      this.line.setAttribute("x1", percent);
      this.line.setAttribute("x2", percent);
      this.line.setAttribute("visibility", "visible");
      this.readout.replaceChildren(...[["b", where], ...values.map((pair) => ["span", pair.join(" ")])].map(([tag, text]) => {
        const part = document.createElement(tag);
        part.textContent = text;
        return part;
      }));
    }
  }

  for (const [identifier, chart] of Object.entries(isograd.data.charts)) {
    const figure = document.getElementById(identifier);
    if (figure && chart.lines.some((line) => line.at.length)) new Chart(figure, chart);
  }
})();
