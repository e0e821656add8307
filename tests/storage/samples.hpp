#pragma once

#include <string>
#include <string_view>

#include "storage/catalogue/catalogue.hpp"

namespace khochung::storage {

/// A material with one original whose bytes would be `content`.
inline Material sample_material(UnitId unit, std::string_view content) {
  Material material;
  material.id = MaterialId::make();
  material.title = "Kế hoạch tuyên truyền " + std::string(content);
  material.unit = unit;
  material.batch = BatchId::make();
  material.creator = "local";
  material.created_at = instant_from_rfc3339("2026-11-23T01:02:03.004Z").value();
  MaterialFile file;
  file.name = "ke-hoach.pdf";
  file.sha256 = Digest::of(content);
  file.size_bytes = content.size();
  file.media_type = "application/pdf";
  material.files.push_back(file);
  return material;
}

inline Catalogue::NewMaterial sample_entry(const Material& material) {
  Catalogue::NewMaterial entry;
  entry.material = material;
  entry.seal = Digest::of(material.id.text() + std::to_string(material.revision));
  return entry;
}

}  // namespace khochung::storage
