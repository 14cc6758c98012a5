// Draws schematic maps: points, ways and areas on a plain ground; tiles only where the installation names a server.
(() => {
  "use strict";
  const TONES = { bad: "#b3261e", warn: "#c97b12", good: "#2c9a5b", info: "#2c7be5", calm: "#5b6b7c" };
  function draw(root) {
    for (const place of root.querySelectorAll("[data-map]")) {
      if (place.dataset.drawn) continue;
      place.dataset.drawn = "1";
      const data = JSON.parse(place.dataset.map);
      const map = window.L.map(place, { attributionControl: false, zoomSnap: 0.25, zoomAnimation: false, fadeAnimation: false, scrollWheelZoom: false });
      window.L.control.scale({ imperial: false }).addTo(map);
      if (data.tiles) window.L.tileLayer(data.tiles, { maxZoom: 18 }).addTo(map);
      const bounds = window.L.latLngBounds([]);
      if (data.areas.features) {
        const areas = window.L.geoJSON(data.areas, { style: () => ({ color: "#7f99ab", weight: 1, fillOpacity: 0.08 }) }).addTo(map);
        if (areas.getBounds().isValid()) bounds.extend(areas.getBounds());
      }
      for (const track of data.tracks) {
        window.L.polyline(track, { color: "#0b6b62", weight: 2, dashArray: "5 5" }).addTo(map);
        track.forEach((at) => bounds.extend(at));
      }
      for (const edge of data.edges) window.L.polyline(edge, { color: "#a9bac4", weight: 1, interactive: false }).addTo(map);
      const layers = {};
      for (const point of data.points) {
        const colour = TONES[point.tone] || TONES.info;
        const dot = window.L.circleMarker(point.at, { radius: 3 + point.size * 1.6, color: "#fff", weight: 1.5, fillColor: colour, fillOpacity: 0.85, bubblingMouseEvents: false });
        const label = document.createElement("span");
        label.textContent = point.label;
        dot.bindTooltip(label, { direction: "top" });
        if (point.name) {
          const name = document.createElement("span");
          name.textContent = point.name;
          window.L.marker(point.at, { interactive: false, keyboard: false, icon: window.L.divIcon({ className: "map-name", html: name, iconSize: [0, 0], iconAnchor: [-8, 8] }) }).addTo(map);
        }
        if (point.url) dot.on("click", () => window.location.assign(point.url));
        (layers[point.layer] ||= window.L.layerGroup().addTo(map)).addLayer(dot);
        bounds.extend(point.at);
      }
      const names = Object.keys(layers).filter(Boolean);
      if (names.length > 1) window.L.control.layers(null, Object.fromEntries(names.map((n) => [n, layers[n]])), { collapsed: false }).addTo(map);
      if (bounds.isValid()) map.fitBounds(bounds.pad(0.12), { maxZoom: 15 }); else map.setView([0, 0], 1);
      // names that would lie on another give way, until zooming makes room
      const declutter = () => {
        const kept = [];
        for (const name of place.querySelectorAll(".map-name")) {
          name.hidden = false;
          const box = name.firstElementChild.getBoundingClientRect();
          const hides = kept.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
          name.hidden = hides;
          if (!hides) kept.push(box);
        }
      };
      map.on("zoomend moveend resize", declutter);
      declutter();
      new ResizeObserver(() => map.invalidateSize()).observe(place);
    }
  }
  document.addEventListener("DOMContentLoaded", () => draw(document));
  document.addEventListener("htmx:afterSettle", (event) => draw(event.target));
})();
