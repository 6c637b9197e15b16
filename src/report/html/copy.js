(() => {
  "use strict";
  // The page is complete without this script; it only adds a button to each command.
  const status = document.createElement("p");
  status.className = "unseen";
  status.setAttribute("role", "status");
  document.body.append(status);

  const select = (element) => {
    const selection = getSelection();
    const range = document.createRange();
    range.selectNodeContents(element);
    selection.removeAllRanges();
    selection.addRange(range);
  };

  // Where the clipboard is closed to pages, the command is selected, ready for the keyboard.
  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return "Copied";
    } catch {
      select(code);
      return document.execCommand("copy") ? "Copied" : "Selected";
    }
  };

  let number = 0;
  for (const block of document.querySelectorAll(".command")) {
    const code = block.querySelector("code");
    const button = document.createElement("button");
    let timer = 0;
    number += 1;
    code.id = `command-${number}`;
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-describedby", code.id);
    button.addEventListener("click", async () => {
      const done = await copy(code);
      button.textContent = done;
      status.textContent = `${done}: ${code.textContent}`;
      clearTimeout(timer);
      timer = setTimeout(() => {
        button.textContent = "Copy";
        status.textContent = "";
      }, 2500);
    });
    block.append(button);
  }
})();
