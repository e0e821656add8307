// Pages of the web.
#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "indexer/workers/markup_text.hpp"
#include "indexer/workers/page_body.hpp"

namespace khochung::workers {
namespace {

using Document = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;

constexpr auto hidden =
    std::to_array<std::string_view>({"head", "iframe", "noscript", "object", "script", "select",
                                     "style", "svg", "template", "textarea"});
constexpr auto blocks = std::to_array<std::string_view>(
    {"address", "article", "aside", "blockquote", "body",     "br",         "caption", "center",
     "dd",      "div",     "dl",    "dt",         "fieldset", "figcaption", "figure",  "footer",
     "form",    "header",  "hr",    "li",         "main",     "nav",        "ol",      "p",
     "pre",     "section", "table", "tr",         "ul"});

template <std::size_t n>
bool holds(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string_view name_of(const xmlNode* node) {
  return node->name == nullptr ? std::string_view() : reinterpret_cast<const char*>(node->name);
}

bool is_heading(std::string_view name) {
  return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
}

class HtmlText {
 public:
  explicit HtmlText(MarkupText& text) : text_(text) {}

  /// Goes through the tree without recursion: a hostile page may nest as deep as it likes.
  void read(const xmlNode* root) {
    const xmlNode* node = root;
    while (node != nullptr) {
      const bool goes_down = enter(node) && node->children != nullptr;
      if (goes_down) {
        node = node->children;
        continue;
      }
      leave(node);
      while (node != root && node->next == nullptr) {
        node = node->parent;
        leave(node);
      }
      node = node == root ? nullptr : node->next;
    }
    text_.pages.push_back(builder_.take());
  }

 private:
  /// Whether what stands inside is to be read.
  bool enter(const xmlNode* node) {
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
      put(reinterpret_cast<const char*>(node->content));
      return false;
    }
    if (node->type != XML_ELEMENT_NODE && node->type != XML_HTML_DOCUMENT_NODE) return false;
    const auto name = name_of(node);
    if (name == "head") take_title(node);
    if (holds(hidden, name)) return false;
    if (holds(blocks, name) || is_heading(name)) builder_.line_end();
    return true;
  }

  void leave(const xmlNode* node) {
    if (node->type != XML_ELEMENT_NODE) return;
    const auto name = name_of(node);
    if (name == "td" || name == "th") builder_.tab();
    if (name == "p" || name == "table" || is_heading(name)) builder_.paragraph_end();
    if (holds(blocks, name)) builder_.line_end();
    if (holds(blocks, name) || is_heading(name)) is_after_blank_ = true;
  }

  /// Runs of white space are one space.
  void put(std::string_view text) {
    std::string plain;
    for (const char c : text) {
      const bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
      if (is_blank && is_after_blank_) continue;
      plain.push_back(is_blank ? ' ' : c);
      is_after_blank_ = is_blank;
    }
    builder_.put(plain);
  }

  void take_title(const xmlNode* head) {
    for (const xmlNode* node = head->children; node != nullptr; node = node->next) {
      if (name_of(node) != "title") continue;
      const std::unique_ptr<xmlChar, decltype(xmlFree)> title(
          xmlNodeGetContent(const_cast<xmlNode*>(node)), xmlFree);
      if (title) text_.title = reinterpret_cast<const char*>(title.get());
    }
  }

  MarkupText& text_;
  TextBuilder builder_;
  bool is_after_blank_ = true;
};

}  // namespace

Result<MarkupText> read_html(std::string_view html) {
  if (html.size() > std::numeric_limits<int>::max()) {
    return fail(ErrorCode::unsupported, "damaged_file", "HTML too large");
  }
  // What is UTF-8 is read as UTF-8 whatever it says of itself; the rest says what it is.
  const char* encoding = is_utf8(html) ? "UTF-8" : nullptr;
  const Document document(
      htmlReadMemory(html.data(), static_cast<int>(html.size()), nullptr, encoding,
                     HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                         HTML_PARSE_NONET | HTML_PARSE_COMPACT),
      &xmlFreeDoc);
  MarkupText text;
  const xmlNode* root = document ? xmlDocGetRootElement(document.get()) : nullptr;
  if (root == nullptr) {
    text.pages.emplace_back();
    return text;
  }
  HtmlText(text).read(root);
  return text;
}

}  // namespace khochung::workers
