// Word, Excel and PowerPoint files since 2007.
#include <charconv>
#include <map>

#include "indexer/workers/markup_text.hpp"
#include "indexer/workers/xml_walk.hpp"
#include "indexer/workers/zip_package.hpp"

namespace khochung::workers {
namespace {

using Relations = std::map<std::string, std::string>;

bool is_xml_of(std::string_view name, std::string_view folder) {
  return name.starts_with("docProps/core") ||
         (name.starts_with(folder) && (name.ends_with(".xml") || name.ends_with(".rels")));
}

Result<ZipPackage> read_parts(std::string_view zip, std::string_view folder) {
  return read_package(zip, [&](std::string_view name) { return is_xml_of(name, folder); });
}

std::string_view part(const ZipPackage& package, std::string_view name) {
  const auto found = package.find(name);
  return found == package.end() ? std::string_view() : std::string_view(found->second);
}

/// Title and author, where they are told. A broken core.xml costs only them.
void take_properties(const ZipPackage& package, MarkupText& text) {
  std::string* into = nullptr;
  [[maybe_unused]] const auto done =
      walk_xml(part(package, "docProps/core.xml"), [&](const XmlStep& step) {
        if (step.kind() == XmlStep::Kind::start) {
          into = step.name() == "title" ? &text.title
                                        : (step.name() == "creator" ? &text.author : nullptr);
        } else if (step.kind() == XmlStep::Kind::text && into != nullptr) {
          into->append(step.text());
        } else {
          into = nullptr;
        }
      });
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

/// Text of a part of Word or of a slide: the elements have the same local names in both.
class RunText {
 public:
  void take(const XmlStep& step) {
    if (step.starts("Fallback") || step.starts("del")) ++hidden_;
    if (step.ends("Fallback") || step.ends("del")) --hidden_;
    if (hidden_ > 0) return;
    if (step.name() == "t") is_text_ = step.kind() == XmlStep::Kind::start;
    if (step.kind() == XmlStep::Kind::text && is_text_) builder_.put(step.text());
    if (step.starts("tab")) builder_.tab();
    if (step.starts("br") || step.starts("cr")) builder_.line_end();
    if (step.starts("tc")) ++cells_;
    if (step.ends("tc")) {
      --cells_;
      builder_.tab();
    }
    if (step.ends("tr")) builder_.line_end();
    if (step.ends("p")) end_paragraph();
  }
  std::string result() { return builder_.take(); }
  void paragraph_end() { builder_.paragraph_end(); }

 private:
  /// Cells of a table stay on their row's line.
  void end_paragraph() { cells_ > 0 ? builder_.put(" ") : builder_.line_end(); }

  TextBuilder builder_;
  int hidden_ = 0;
  int cells_ = 0;
  bool is_text_ = false;
};

/// 0 for "A1", 27 for "AB7"; -1 when there is no column.
int column_of(std::string_view cell) {
  int column = 0;
  for (const char c : cell) {
    if (c < 'A' || c > 'Z' || column > 20'000) break;
    column = column * 26 + (c - 'A' + 1);
  }
  return column - 1;
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

/// Rows as lines, cells apart by tabs, empty cells kept.
class SheetText {
 public:
  SheetText(const std::vector<std::string>& strings, TextBuilder& builder)
      : strings_(strings), builder_(builder) {}

  void take(const XmlStep& step) {
    constexpr int widest_gap = 64;
    if (step.starts("row")) column_ = 0;
    if (step.starts("c")) {
      kind_ = step.attribute("t");
      const int at = column_of(step.attribute("r"));
      for (int gap = 0; column_ < at && gap < widest_gap; ++column_, ++gap) builder_.tab();
      column_ = std::max(column_, at);
      value_.clear();
    }
    if (step.name() == "v" || step.name() == "t") {
      is_value_ = step.kind() == XmlStep::Kind::start;
    }
    if (step.kind() == XmlStep::Kind::text && is_value_) value_.append(step.text());
    if (step.ends("c")) end_cell();
    if (step.ends("row")) builder_.line_end();
  }

 private:
  void end_cell() {
    std::size_t index = 0;
    if (kind_ == "s") {
      const auto [end, failed] =
          std::from_chars(value_.data(), value_.data() + value_.size(), index);
      value_ = failed == std::errc() && index < strings_.size() ? strings_[index] : std::string();
    }
    builder_.put(value_);
    builder_.tab();
    ++column_;
  }

  const std::vector<std::string>& strings_;
  TextBuilder& builder_;
  std::string kind_;
  std::string value_;
  int column_ = 0;
  bool is_value_ = false;
};

/// Parts in the order in which `list` (sheets, slides) names them.
struct NamedPart {
  std::string name;
  std::string path;
};

Result<std::vector<NamedPart>> parts_in_order(const ZipPackage& package, std::string_view folder,
                                              std::string_view list, std::string_view element) {
  const auto relations = KHOCHUNG_TRY(relations_of(package, folder, list));
  std::vector<NamedPart> parts;
  KHOCHUNG_CHECK(
      walk_xml(part(package, std::string(folder) + std::string(list)), [&](const XmlStep& step) {
        if (!step.starts(element)) return;
        const auto found = relations.find(step.attribute("r:id"));
        if (found != relations.end()) parts.push_back({step.attribute("name"), found->second});
      }));
  return parts;
}

}  // namespace

Result<MarkupText> read_word(std::string_view zip) {
  const auto package = KHOCHUNG_TRY(read_parts(zip, "word/"));
  if (part(package, "word/document.xml").empty()) {
    return fail(ErrorCode::unsupported, "damaged_file", "no word/document.xml");
  }
  MarkupText text;
  take_properties(package, text);
  RunText runs;
  const auto read = [&](std::string_view bytes) {
    const auto done = walk_xml(bytes, [&](const XmlStep& step) { runs.take(step); });
    runs.paragraph_end();
    return done;
  };
  KHOCHUNG_CHECK(read(part(package, "word/document.xml")));
  for (const auto* folder : {"word/footnotes", "word/endnotes", "word/header", "word/footer"}) {
    for (auto at = package.lower_bound(std::string_view(folder));
         at != package.end() && at->first.starts_with(folder); ++at) {
      KHOCHUNG_CHECK(read(at->second));
    }
  }
  text.pages.push_back(runs.result());
  return text;
}

Result<MarkupText> read_excel(std::string_view zip) {
  const auto package = KHOCHUNG_TRY(read_parts(zip, "xl/"));
  MarkupText text;
  take_properties(package, text);
  const auto strings = KHOCHUNG_TRY(shared_strings(package));
  const auto sheets = KHOCHUNG_TRY(parts_in_order(package, "xl/", "workbook.xml", "sheet"));
  TextBuilder builder;
  for (const auto& sheet : sheets) {
    builder.put(sheet.name);
    builder.line_end();
    SheetText rows(strings, builder);
    KHOCHUNG_CHECK(
        walk_xml(part(package, sheet.path), [&](const XmlStep& step) { rows.take(step); }));
    builder.paragraph_end();
  }
  text.pages.push_back(builder.take());
  return text;
}

Result<MarkupText> read_powerpoint(std::string_view zip) {
  const auto package = KHOCHUNG_TRY(read_parts(zip, "ppt/"));
  MarkupText text;
  text.has_pages = true;
  take_properties(package, text);
  const auto slides = KHOCHUNG_TRY(parts_in_order(package, "ppt/", "presentation.xml", "sldId"));
  for (const auto& slide : slides) {
    RunText runs;
    KHOCHUNG_CHECK(
        walk_xml(part(package, slide.path), [&](const XmlStep& step) { runs.take(step); }));
    text.pages.push_back(runs.result());
  }
  if (text.pages.empty()) return fail(ErrorCode::unsupported, "damaged_file", "no slides");
  return text;
}

}  // namespace khochung::workers
