"use strict";
/* Shared by the scripts of this page: its data, its words, and the colours of the map. */
const isograd = (() => {
  const data = JSON.parse(document.getElementById("page-data").textContent);

  /* From the far low end through the healthy middle to the far high end. Lightness falls away from the middle on a
     light page and rises on a dark one, so that the scale also reads without its hues. */
  const DIVERGING = {
    light: ["#08306b", "#2166ac", "#74aed6", "#f1f1ee", "#f0a07c", "#c4442f", "#67001f"],
    dark: ["#8fcbff", "#4a93d9", "#2a5c92", "#262b32", "#8f452b", "#d97443", "#ffb78a"],
  };
  const SEQUENTIAL = {
    light: ["#f1f1ee", "#d9cbe6", "#b295cf", "#8156ac", "#4d1f7a"],
    dark: ["#262b32", "#493a63", "#7457a0", "#aa8bd6", "#e3d3fa"],
  };

  const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

  /** Red, green and blue (0 to 255) at `share` (0 to 1) of a list of stops. */
  function between(stops, share) {
    const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    const [from, to] = [channels(stops[low]), channels(stops[low + 1])];
    return from.map((value, at) => Math.round(value + (to[at] - value) * (place - low)));
  }

  /** A word of the page with its fields filled in. */
  function say(name, values = {}) {
    return data.words[name].replace(/\{(\w+)\}/g, (whole, field) => (field in values ? values[field] : whole));
  }

  function theme() {
    const chosen = document.documentElement.dataset.theme;
    return chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  function signed(value, places = 1) {
    return (Number(value.toFixed(places)) + 0).toFixed(places).replace("-", "−");
  }

  /** Whole powers of ten as they are written by hand: `10^−6` becomes 10⁻⁶. */
  function raised(text) {
    const digits = (power) => power.replace(/[−\d]/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? "⁻");
    return text.replace(/10\^(−?\d+)(?![.\d])/g, (whole, power) => `10${digits(power)}`);
  }

  /** A value as read by people: `decades`, `fine` (decades, two places), `percent`, `power` (log10 of it is given) or a plain number. */
  function spoken(value, unit) {
    if (unit === "decades") return say("decades", { value: signed(value) });
    if (unit === "fine") return say("decades", { value: signed(value, 2) });
    if (unit === "percent") return `${(100 * value).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;
    if (unit === "power") return Math.abs(value) < 4 ? String(Number((10 ** value).toPrecision(3))) : `10^${signed(value)}`;
    return String(Number(value.toPrecision(4)));
  }

  document.documentElement.classList.add("scripted");
  return { data, between, say, theme, raised, spoken, signed, DIVERGING, SEQUENTIAL };
})();
