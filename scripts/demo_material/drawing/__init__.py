"""Pictures drawn as SVG and painted by Chromium: scenes, posters, an infographic, slides of a film."""
