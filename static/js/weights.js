// Sliders beside the number inputs of the weights; the other two give way so that the sum stays 1.
// <form data-weights><input type="range" data-slider="id_a" hidden><input id="id_a" name="a">…<b data-weight-sum></b></form>
const form = document.querySelector("form[data-weights]");
const sliders = form ? [...form.querySelectorAll("[data-slider]")] : [];
const inputOf = (slider) => document.getElementById(slider.dataset.slider);
const cents = (input) => Math.round(Number(input.value) * 100);
const show = (name, shown) => { form.querySelector(`[data-${name}]`).hidden = !shown; };

function tell() {
  const sum = sliders.reduce((all, slider) => all + cents(inputOf(slider)), 0);
  form.querySelector("[data-weight-sum]").textContent = (sum / 100).toFixed(2);
  show("weight-ok", sum === 100);
  show("weight-bad", sum !== 100);
}

function write(slider, value) {
  slider.value = value;
  inputOf(slider).value = (value / 100).toFixed(2);
}

// Takes what one weight gained from the others, in proportion to what they have.
function balance(moved) {
  const others = sliders.filter((slider) => slider !== moved);
  const left = 100 - Number(moved.value);
  const had = others.reduce((all, slider) => all + Number(slider.value), 0);
  const first = had ? Math.round((left * Number(others[0].value)) / had) : Math.round(left / 2);
  write(others[0], first);
  write(others[1], left - first);
}

sliders.forEach((slider) => {
  slider.hidden = false;
  slider.value = cents(inputOf(slider));
  slider.addEventListener("input", () => {
    write(slider, Number(slider.value));
    if (form.querySelector("[data-balance]").checked) balance(slider);
    tell();
  });
  inputOf(slider).addEventListener("input", () => { slider.value = cents(inputOf(slider)); tell(); });
});

form?.addEventListener("input", () => form.querySelectorAll("input[data-now]").forEach((input) => {
  input.classList.toggle("chg", Number(input.value) !== Number(input.dataset.now));
}));

if (form) {
  ["balance", "balance-words"].forEach((name) => show(name, true));
  tell();
}
