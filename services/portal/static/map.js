// Draws the table below it as a map. The table says all that the map does, and where each area leads.
(() => {
  "use strict";

  const CONTEXT = { weight: 1, opacity: 0.5, fillOpacity: 0, interactive: false };
  const place = document.getElementById("peta");
  if (!place) return;

  // What each area is called, how it looks and where it leads, as its row says.
  const rows = new Map();
  for (const row of document.querySelectorAll("tr[data-area]")) {
    const link = row.querySelector("th a, td a");
    rows.set(row.dataset.area, {
      name: row.querySelector("th").textContent.trim(),
      number: row.dataset.number,
      shade: row.dataset.shade,
      address: link ? link.href : null,
    });
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(place).getPropertyValue(`--${name}`).trim();

  const hatched = () => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour("sheet");
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colour("hatch");
    pen.lineWidth = 1.5;
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift - 1, 9);
      pen.lineTo(shift + 9, -1);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  };

  const looks = () => {
    const pattern = hatched();
    const fills = { kosong: colour("empty"), disembunyikan: pattern };
    return (feature) => {
      const row = rows.get(feature.id);
      const edge = { color: colour("border") };
      if (!row) return { ...CONTEXT, ...edge };
      const fillColor = fills[row.shade] || colour(row.shade);
      return { ...edge, weight: rows.size > 100 ? 0.5 : 1, fillColor, fillOpacity: 1 };
    };
  };

  const said = (row) => {
    const box = document.createElement("div");
    const name = document.createElement("strong");
    const number = document.createElement("small");
    name.textContent = row.name;
    number.textContent = row.number;
    box.append(name, number);
    return box;
  };

  const layerOf = (features) => {
    const layer = L.geoJSON(features, {
      style: looks(),
      onEachFeature: (feature, area) => {
        const row = rows.get(feature.id);
        if (!row) return;
        area.bindTooltip(said(row), { sticky: true });
        area.on("mouseover", () => area.setStyle({ weight: 3 }));
        area.on("mouseout", () => layer.resetStyle(area));
        if (row.address) area.on("click", () => location.assign(row.address));
      },
    });
    dark.addEventListener("change", () => layer.setStyle(looks()));
    return layer;
  };

  const outlines = (feature) =>
    feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates;

  const boundsOf = (polygon) => L.latLngBounds(polygon[0].map(([x, y]) => [y, x]));

  const draw = (topology) => {
    const all = topojson.feature(topology, topology.objects[place.dataset.object]).features;
    const around = place.dataset.around;
    const shown = all.filter(({ id }) => rows.has(id) || id.startsWith(around));
    // A village alone is shown among those around it.
    const framed = rows.size === 1 ? shown : shown.filter(({ id }) => rows.has(id));
    const parts = framed.flatMap(outlines).map(boundsOf);
    const far = JSON.parse(place.dataset.islands).map(({ name, box: [west, south, east, north] }) => ({
      name,
      bounds: L.latLngBounds([south, west], [north, east]),
    }));
    const isFar = (part) => far.some(({ bounds }) => bounds.contains(part.getCenter()));
    const near = parts.filter((part) => !isFar(part));
    const main = (near.length ? near : parts).reduce(
      (whole, part) => whole.extend(part), L.latLngBounds([]));

    place.querySelector("[data-waiting]").remove();
    const map = L.map(place, {
      preferCanvas: true,
      attributionControl: false,
      zoomControl: false,
      scrollWheelZoom: false,
      // One finger scrolls the page, two move the map.
      dragging: !matchMedia("(pointer: coarse)").matches,
      zoomSnap: 0.1,
    });
    L.control.zoom({ position: "bottomleft", zoomInTitle: "Perbesar", zoomOutTitle: "Perkecil" }).addTo(map);
    map.fitBounds(main, { padding: [6, 6], maxZoom: 13, animate: false });
    layerOf(shown).addTo(map);
    const insets = near.length
      ? far.filter(({ bounds }) => parts.some((part) => bounds.contains(part.getCenter())))
      : [];
    // All frames first: each takes its width from how many there are.
    const frames = insets.map(frame);
    frames.forEach((box, number) => inset(box, insets[number].bounds, shown));
    // Whoever looks for a place on it, such as a test, asks the map.
    place.map = map;
    place.dataset.drawn = "";
  };

  const frame = ({ name }) => {
    const strip = document.querySelector("[data-islands-of]");
    strip.hidden = false;
    const figure = document.createElement("figure");
    const box = document.createElement("div");
    const caption = document.createElement("figcaption");
    box.className = "islet";
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `Peta kecil ${name}`);
    caption.textContent = name;
    figure.append(box, caption);
    strip.append(figure);
    return box;
  };

  const inset = (box, bounds, features) => {
    const map = L.map(box, {
      preferCanvas: true,
      attributionControl: false,
      zoomControl: false,
      dragging: false,
      keyboard: false,
      scrollWheelZoom: false,
      doubleClickZoom: false,
      touchZoom: false,
      boxZoom: false,
      zoomSnap: 0.1,
    });
    map.fitBounds(bounds, { padding: [2, 2], animate: false });
    layerOf(features).addTo(map);
  };

  fetch(place.dataset.file)
    .then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`);
      return answer.json();
    })
    .then(draw)
    .catch(() => {
      const waiting = place.querySelector("[data-waiting]");
      if (waiting) waiting.textContent = "Gambar peta tidak dapat dimuat. Angkanya ada di tabel.";
    });
})();
