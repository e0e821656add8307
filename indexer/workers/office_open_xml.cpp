// Word, Excel and PowerPoint files since 2007.
#include <charconv>

#include "indexer/workers/markup_text.hpp"
#include "indexer/workers/office_parts.hpp"
#include "indexer/workers/xml_walk.hpp"

namespace khochung::workers {
namespace {

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
