// The order of a press kit's items: by drag and by buttons, without a round trip. What is sent is the order on the page.
"use strict";

{
  const list = document.querySelector(".kit-items");
  const placed = document.getElementById("placed");
  const rows = () => [...list.children];
  const button = (row, what) => row.querySelector(`button[value^="${what} "]`);
  const filled = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  const settle = () => {
    const all = rows();
    all.forEach((row, at) => {
      button(row, "up").disabled = at === 0;
      button(row, "down").disabled = at === all.length - 1;
    });
  };
  const tell = (row) => {
    const all = rows();
    const values = {title: row.dataset.title, place: all.indexOf(row) + 1, count: all.length};
    placed.textContent = filled(list.dataset.moved, values);
  };

  const move = (row, what) => {
    const other = what === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (what === "up") other.before(row);
    else other.after(row);
    settle();
    // At an end its own button does nothing any more.
    const focused = button(row, what);
    (focused.disabled ? button(row, what === "up" ? "down" : "up") : focused).focus();
    row.scrollIntoView({block: "nearest"});
    tell(row);
  };
  const remove = (row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    settle();
    placed.textContent = filled(list.dataset.removed, {count: rows().length});
    (next ? button(next, "remove") : document.getElementById("find")).focus();
  };

  list.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[name=do]");
    const what = pressed?.value.split(" ")[0];
    const row = pressed?.closest("li");
    if (what === "up" || what === "down") move(row, what);
    else if (what === "remove") remove(row);
    else return;
    event.preventDefault();
  });

  /** Puts the row where the pointer is. */
  const follow = (row, y) => {
    const before = rows().find((other) => {
      const {top, height} = other.getBoundingClientRect();
      return other !== row && y < top + height / 2;
    });
    const next = before ?? null;
    if (next !== row.nextElementSibling) list.insertBefore(row, next);
  };
  const drag = (row, grip) => {
    grip.hidden = false;
    const end = () => {
      if (!row.classList.contains("held")) return;
      row.classList.remove("held");
      settle();
      tell(row);
    };
    grip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      row.classList.add("held");
      const onMove = (moved) => {
        follow(row, moved.clientY);
        // Near the edge the page goes along.
        if (moved.clientY < 60) scrollBy(0, -16);
        else if (moved.clientY > innerHeight - 60) scrollBy(0, 16);
      };
      const stop = () => {
        removeEventListener("pointermove", onMove);
        removeEventListener("pointerup", stop);
        removeEventListener("pointercancel", stop);
        end();
      };
      addEventListener("pointermove", onMove);
      addEventListener("pointerup", stop);
      addEventListener("pointercancel", stop);
    });
  };
  for (const row of rows()) drag(row, row.querySelector(".grip"));
}
