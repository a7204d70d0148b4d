SwaggerUIBundle({
  url: '/api-docs/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
});
