// How well the search finds: nDCG@10 over folders with corpus.jsonl {id,title,text},
// queries.jsonl {id,text} and qrels.tsv (query, document).
//     bench_retrieval FOLDER…
// Each query is asked as it stands, without marks, and with every second syllable unmarked.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "indexer/index/index.hpp"
#include "indexer/search/searcher.hpp"
#include "indexer/text/vietnamese.hpp"

namespace {

namespace fs = std::filesystem;
using namespace khochung;
using Clock = std::chrono::steady_clock;

struct Text {
  std::string id, title, text;
};

std::vector<Text> read_lines(const fs::path& path) {
  std::vector<Text> texts;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto object = boost::json::parse(line).as_object();
    const auto field = [&](const char* name) {
      const auto* value = object.if_contains(name);
      return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
    };
    texts.push_back({field("id"), field("title"), field("text")});
  }
  return texts;
}

std::map<std::string, std::set<std::string>> read_judgements(const fs::path& path) {
  std::map<std::string, std::set<std::string>> judgements;
  std::ifstream file(path);
  for (std::string query, document, rest; file >> query >> document; std::getline(file, rest))
    judgements[query].insert(document);
  return judgements;
}

void must(const Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

std::string every_second_unmarked(const std::string& query) {
  std::string out;
  std::size_t at = 0;
  std::size_t count = 0;
  for (const auto& token : text::tokenise(query)) {
    out.append(query, at, token.begin - at);
    const auto word = query.substr(token.begin, token.end - token.begin);
    out.append(count++ % 2 == 0 ? text::folded_form(word) : word);
    at = token.end;
  }
  return out.append(query, at);
}

/// The snippets do not matter here.
class NoTexts : public search::TextSource {
 public:
  Result<search::MaterialTexts> texts(MaterialId) override {
    return fail(ErrorCode::not_found, "no texts");
  }
};

struct Score {
  double ndcg = 0, recall = 0;
  int queries = 0;
  double milliseconds = 0;
};

class Set {
 public:
  explicit Set(const fs::path& folder)
      : queries_(read_lines(folder / "queries.jsonl")),
        judgements_(read_judgements(folder / "qrels.tsv")),
        place_(fs::temp_directory_path() / ("bench-retrieval-" + folder.filename().string())) {
    fs::remove_all(place_);
    auto index = index::Index::open(place_).value();
    for (const auto& text : read_lines(folder / "corpus.jsonl")) {
      index::IndexDocument document;
      document.material.id = MaterialId::make();
      document.material.title = text.title;
      document.page_texts = {text.text};
      document.standing.visibility = Visibility::public_;
      document.standing.state = State::published;
      document.material.state = State::published;
      names_[document.material.id] = text.id;
      must(index->add(document));
    }
    must(index->commit(1));
  }
  ~Set() { fs::remove_all(place_); }
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

  template <typename Change>
  void measure(const char* name, bool typed_with_marks, Change change) {
    const search::Searcher searcher(place_);
    Score score;
    NoTexts texts;
    for (const auto& query : queries_) {
      const auto wanted = judgements_.find(query.id);
      if (wanted == judgements_.end() || text::has_marks(query.text) != typed_with_marks) continue;
      search::SearchRequest request;
      request.query = change(query.text);
      request.limit = 10;
      request.rights = access::filter_for(access::Viewer::anonymous(), UnitTree(), now());
      const auto start = Clock::now();
      const auto answer = searcher.search(request, texts).value();
      score.milliseconds += std::chrono::duration<double, std::milli>(Clock::now() - start).count();
      add(answer, wanted->second, score);
    }
    if (score.queries == 0) return;
    std::printf("  %-22s %4d queries  nDCG@10 %5.2f  recall@10 %5.2f  %6.2f ms\n", name,
                score.queries, 100 * score.ndcg / score.queries, 100 * score.recall / score.queries,
                score.milliseconds / score.queries);
  }

 private:
  void add(const search::SearchAnswer& answer, const std::set<std::string>& wanted, Score& score) {
    double gain = 0, ideal = 0, found = 0;
    for (std::size_t rank = 0; rank < answer.hits.size(); ++rank) {
      if (!wanted.contains(names_[answer.hits[rank].id])) continue;
      gain += 1 / std::log2(static_cast<double>(rank) + 2);
      ++found;
    }
    for (std::size_t rank = 0; rank < std::min<std::size_t>(10, wanted.size()); ++rank)
      ideal += 1 / std::log2(static_cast<double>(rank) + 2);
    score.ndcg += gain / ideal;
    score.recall += found / static_cast<double>(wanted.size());
    ++score.queries;
  }

  std::vector<Text> queries_;
  std::map<std::string, std::set<std::string>> judgements_;
  fs::path place_;
  std::map<MaterialId, std::string> names_;
};

}  // namespace

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    std::printf("%s\n", arguments[i]);
    Set set{fs::path(arguments[i])};
    set.measure("as typed", true, [](const std::string& query) { return query; });
    set.measure("marks taken off", true,
                [](const std::string& query) { return text::folded_form(query); });
    set.measure("half the marks", true, every_second_unmarked);
    set.measure("typed without marks", false, [](const std::string& query) { return query; });
  }
}
