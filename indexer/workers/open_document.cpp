// OpenDocument text, spreadsheets and presentations.
#include <algorithm>
#include <charconv>

#include "indexer/workers/markup_text.hpp"
#include "indexer/workers/xml_walk.hpp"
#include "indexer/workers/zip_package.hpp"

namespace khochung::workers {
namespace {

bool is_wanted(std::string_view name) {
  return name == "content.xml" || name == "meta.xml" || name == "META-INF/manifest.xml";
}

/// Title and author, where they are told. A broken meta.xml costs only them.
void take_properties(std::string_view meta, MarkupText& text) {
  std::string* into = nullptr;
  [[maybe_unused]] const auto done = walk_xml(meta, [&](const XmlStep& step) {
    if (step.starts("title")) into = &text.title;
    if (step.starts("initial-creator")) into = &text.author;
    if (step.kind() == XmlStep::Kind::end) into = nullptr;
    if (step.kind() == XmlStep::Kind::text && into != nullptr) into->append(step.text());
  });
}

class OpenDocumentText {
 public:
  explicit OpenDocumentText(MarkupText& text) : text_(text) {}

  void take(const XmlStep& step) {
    follow_nesting(step);
    if (hidden_ > 0) return;
    if (step.kind() == XmlStep::Kind::text && paragraphs_ > 0) builder_.put(step.text());
    if (step.starts("tab")) builder_.tab();
    if (step.starts("line-break")) builder_.line_end();
    if (step.starts("s")) put_spaces(step.attribute("text:c"));
    if (step.starts("table")) start_table(step.attribute("table:name"));
    if (step.ends("table-cell") || step.ends("covered-table-cell")) builder_.tab();
    if (step.ends("table-row")) builder_.line_end();
    if (step.ends("table")) builder_.paragraph_end();
    if (step.ends("page")) end_slide();
  }

  void finish() {
    if (text_.pages.empty()) text_.pages.push_back(builder_.take());
  }

 private:
  void follow_nesting(const XmlStep& step) {
    const int change = step.kind() == XmlStep::Kind::start ? 1 : -1;
    if (step.kind() == XmlStep::Kind::text) return;
    const bool is_hidden = step.name() == "tracked-changes" || step.name() == "notes";
    if (is_hidden) hidden_ += change;
    if (step.name() == "table-cell") cells_ += change;
    if (step.name() != "p" && step.name() != "h") return;
    paragraphs_ += change;
    if (change > 0 || hidden_ > 0) return;
    // Cells of a table stay on their row's line.
    if (cells_ > 0) {
      builder_.put(" ");
    } else {
      builder_.line_end();
    }
  }

  void put_spaces(const std::string& count) {
    int spaces = 1;
    std::from_chars(count.data(), count.data() + count.size(), spaces);
    builder_.put(std::string(static_cast<std::size_t>(std::clamp(spaces, 1, 80)), ' '));
  }

  void start_table(const std::string& name) {
    builder_.paragraph_end();
    builder_.put(name);
    if (!name.empty()) builder_.line_end();
  }

  void end_slide() {
    text_.has_pages = true;
    text_.pages.push_back(builder_.take());
  }

  MarkupText& text_;
  TextBuilder builder_;
  int hidden_ = 0;
  int cells_ = 0;
  int paragraphs_ = 0;
};

}  // namespace

Result<MarkupText> read_opendocument(std::string_view zip) {
  auto package = KHOCHUNG_TRY(read_package(zip, is_wanted));
  if (package["META-INF/manifest.xml"].find("encryption-data") != std::string::npos) {
    return fail(ErrorCode::unsupported, "encrypted_document", "manifest names encryption");
  }
  MarkupText text;
  take_properties(package["meta.xml"], text);
  OpenDocumentText content(text);
  KHOCHUNG_CHECK(
      walk_xml(package["content.xml"], [&](const XmlStep& step) { content.take(step); }));
  content.finish();
  return text;
}

}  // namespace khochung::workers
