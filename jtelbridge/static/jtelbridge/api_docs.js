"use strict";

const page = document.getElementById("swagger-ui");

SwaggerUIBundle({
    domNode: page,
    url: page.dataset.document,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    persistAuthorization: false, // a secret that was typed in ends with the page
    validatorUrl: null, // else the document goes to a stranger to be checked
});
