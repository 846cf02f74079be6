/* Opens the page anew when a part of it says that what it showed is over. */
(function () {
  "use strict";
  document.addEventListener("swapped", function () {
    if (document.querySelector("[data-reload]")) location.reload();
  });
})();
