#include "indexer/workers/office_parts.hpp"

#include "indexer/workers/xml_walk.hpp"

namespace khochung::workers {
namespace {

using Relations = std::map<std::string, std::string>;

bool is_xml_of(std::string_view name, std::string_view folder) {
  return name.starts_with("docProps/core") ||
         (name.starts_with(folder) && (name.ends_with(".xml") || name.ends_with(".rels")));
}

/// What the parts of `folder` that `name` refers to are called: id to path.
Result<Relations> relations_of(const ZipPackage& package, std::string_view folder,
                               std::string_view name) {
  Relations relations;
  const auto file = std::string(folder) + "_rels/" + std::string(name) + ".rels";
  KHOCHUNG_CHECK(walk_xml(part(package, file), [&](const XmlStep& step) {
    if (!step.starts("Relationship")) return;
    auto target = step.attribute("Target");
    target = target.starts_with('/') ? target.substr(1) : std::string(folder) + target;
    relations.emplace(step.attribute("Id"), std::move(target));
  }));
  return relations;
}

}  // namespace

Result<ZipPackage> read_parts(std::string_view zip, std::string_view folder) {
  return read_package(zip, [&](std::string_view name) { return is_xml_of(name, folder); });
}

std::string_view part(const ZipPackage& package, std::string_view name) {
  const auto found = package.find(name);
  return found == package.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::vector<NamedPart>> parts_in_order(const ZipPackage& package, std::string_view folder,
                                              std::string_view list, std::string_view element) {
  const auto relations = KHOCHUNG_TRY(relations_of(package, folder, list));
  std::vector<NamedPart> parts;
  KHOCHUNG_CHECK(
      walk_xml(part(package, std::string(folder) + std::string(list)), [&](const XmlStep& step) {
        if (!step.starts(element)) return;
        const auto found = relations.find(step.attribute("r:id"));
        if (found == relations.end()) return;
        parts.push_back(
            {step.attribute("name"), found->second, step.attribute("state").ends_with("idden")});
      }));
  return parts;
}

Result<std::vector<std::string>> shared_strings(const ZipPackage& package) {
  std::vector<std::string> strings;
  if (part(package, "xl/sharedStrings.xml").empty()) return strings;
  bool is_text = false;
  bool is_reading_aid = false;
  KHOCHUNG_CHECK(walk_xml(part(package, "xl/sharedStrings.xml"), [&](const XmlStep& step) {
    if (step.starts("si")) strings.emplace_back();
    if (step.name() == "t") is_text = step.kind() == XmlStep::Kind::start;
    if (step.name() == "rPh") is_reading_aid = step.kind() == XmlStep::Kind::start;
    if (step.kind() == XmlStep::Kind::text && is_text && !is_reading_aid && !strings.empty()) {
      strings.back().append(step.text());
    }
  }));
  return strings;
}

int column_of(std::string_view cell) {
  int column = 0;
  for (const char c : cell) {
    if (c < 'A' || c > 'Z' || column > 20'000) break;
    column = column * 26 + (c - 'A' + 1);
  }
  return column - 1;
}

}  // namespace khochung::workers
