// Shows the description of the REST interface; what is tried out here is done by who is signed in.
const viewer = document.getElementById("viewer");

window.SwaggerUIBundle({
  url: viewer.dataset.description,
  domNode: viewer,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = viewer.dataset.csrf;
    return request;
  },
});
