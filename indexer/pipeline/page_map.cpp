#include "indexer/pipeline/page_map.hpp"

#include <iterator>

namespace khochung::pipeline {

Result<PagePlace> locate_page(const Material& material, int number,
                              const storage::DerivativeStore& derivatives) {
  int before = 0;
  for (const auto& file : material.files) {
    const auto outline = derivatives.outline(file.sha256);
    if (!outline) continue;
    if (number > before && number <= before + outline->page_count)
      return PagePlace{&file, number - before};
    before += outline->page_count;
  }
  return fail(ErrorCode::not_found, "no page " + std::to_string(number));
}

namespace {

/// What a press kit says, for whoever searches: what it holds is found by itself.
std::string text_of(const KitContent& content) {
  auto text = content.release;
  for (const auto& quote : content.quotes) text += "\n\n" + quote.text + "\n" + quote.speaker;
  for (const auto& item : content.items) {
    if (!item.caption.empty()) text += "\n\n" + item.caption;
  }
  return text;
}

}  // namespace

std::vector<std::string> page_texts(const Material& material,
                                    const storage::DerivativeStore& derivatives) {
  std::vector<std::string> all;
  if (material.kit) all.push_back(text_of(material.kit->shown()));
  for (const auto& file : material.files) {
    auto texts = derivatives.page_texts(file.sha256);
    if (!texts) continue;
    all.insert(all.end(), std::make_move_iterator(texts->begin()),
               std::make_move_iterator(texts->end()));
  }
  return all;
}

PageCount count_pages(const Material& material, const storage::DerivativeStore& derivatives) {
  PageCount count;
  for (const auto& file : material.files) {
    const auto outline = derivatives.outline(file.sha256);
    if (!outline) continue;
    count.pages += outline->page_count;
    count.has_pages = count.has_pages || outline->has_pages;
  }
  return count;
}

}  // namespace khochung::pipeline
