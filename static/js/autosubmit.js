// Sends a filter form as soon as a choice changes; its button stays for those without JavaScript.
// <form method="get" data-autosubmit hx-get="…" hx-target="#table" hx-push-url="true">… <button data-without-js>
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.type !== "search") form.requestSubmit();
});

const hideButtons = () => document.querySelectorAll("[data-without-js]").forEach((button) => { button.hidden = true; });
hideButtons();
document.addEventListener("htmx:load", hideButtons);
