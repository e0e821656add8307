#include "indexer/search/lookup.hpp"

#include <algorithm>
#include <cmath>

#include "indexer/index/terms.hpp"
#include "indexer/search/facets.hpp"
#include "indexer/search/phrase_check.hpp"
#include "indexer/search/ranking.hpp"
#include "indexer/search/snippet.hpp"
#include "indexer/search/suggest.hpp"

namespace khochung::search {
namespace {

/// Up to here totals and facets are exact.
constexpr Xapian::doccount counted_at_least = 10'000;
/// A search that takes longer answers with what it has.
constexpr double time_limit_seconds = 2.0;
/// So many candidates of a long phrase are read at most.
constexpr Xapian::doccount most_checked = 200;
/// Fewer documents than this with the marks as typed: all markings are looked at too.
constexpr std::int64_t too_few = 3;
/// Up to here a document must have all words.
constexpr std::size_t short_query_words = 4;

Xapian::Query filters_of(const SearchRequest& request, const Shown& shown) {
  std::vector<Xapian::Query> filters;
  if (auto rights = shown.query(); !rights.empty()) filters.push_back(std::move(rights));
  if (!request.kind.empty()) filters.emplace_back(index::kind_term(request.kind));
  if (!request.language.empty()) filters.emplace_back(index::language_term(request.language));
  if (!request.media_type.empty()) filters.emplace_back(index::media_term(request.media_type));
  for (std::size_t field = 0; field < request.concepts.size(); ++field) {
    std::vector<std::string> terms;
    for (const auto& id : request.concepts.at(field))
      terms.push_back(index::concept_term(field, id));
    if (!terms.empty()) filters.emplace_back(Xapian::Query::OP_OR, terms.begin(), terms.end());
  }
  if (request.year) filters.emplace_back(index::year_term(*request.year));
  if (request.part_of) filters.emplace_back(index::part_of_term(*request.part_of));
  return {Xapian::Query::OP_AND, filters.begin(), filters.end()};
}

/// The days on which something came in, oldest first, and how much.
std::vector<std::pair<std::string, Xapian::doccount>> days_of(const Xapian::Database& database) {
  std::vector<std::pair<std::string, Xapian::doccount>> days;
  const std::string prefix = index::day_prefix();
  for (auto term = database.allterms_begin(prefix); term != database.allterms_end(prefix); ++term)
    days.emplace_back(*term, term.get_termfreq());
  return days;
}

}  // namespace

Lookup::Lookup(const Vocabulary& vocabulary, const SearchRequest& request, TextSource& texts)
    : vocabulary_(vocabulary),
      database_(vocabulary.database),
      request_(request),
      texts_(texts),
      shown_(request.rights, request.units, vocabulary.rights),
      filter_(filters_of(request, shown_)) {}

Result<SearchAnswer> Lookup::answer() {
  const auto query = parse(request_.query);
  if (query.is_empty()) {
    browse();
  } else {
    look(query);
  }
  KHOCHUNG_CHECK(describe_hits());
  return std::move(answer_);
}

void Lookup::browse() {
  Plan plan;
  plan.all_words = every_document();
  match(plan.all_words, plan);
}

void Lookup::look(const Query& query) {
  const auto typed = make_plan(vocabulary_, query, Reading::as_typed);
  runs_ = typed.runs;
  const bool is_short = query.wanted_words() <= short_query_words;
  const auto ways = [is_short](const Plan& plan) {
    return is_short ? std::vector{plan.all_words} : plan.some_words;
  };
  match_one_of(ways(typed), typed);
  if (query.has_marks && answer_.total < too_few) {
    const auto any = make_plan(vocabulary_, query, Reading::without_marks);
    const auto before = std::pair(answer_.total, found_);
    // Those with the marks as typed stay in front.
    const Xapian::Query as_typed(Xapian::Query::OP_SCALE_WEIGHT, ways(typed).back(), 4.0);
    auto wider = ways(any);
    for (auto& way : wider) way = Xapian::Query(Xapian::Query::OP_AND_MAYBE, way, as_typed);
    match_one_of(wider, any);
    if (answer_.total > before.first) {
      answer_.notice = "searched_without_marks";
      runs_ = any.runs;
    }
  }
  if (answer_.total > 0) return;
  answer_.did_you_mean = did_you_mean(vocabulary_, query);
  if (!is_short || query.wanted_words() < 2) return;
  const auto any = make_plan(vocabulary_, query, Reading::without_marks);
  match_one_of(any.some_words, any);
  if (answer_.total == 0) return;
  answer_.notice = "searched_some_words";
  runs_ = any.runs;
}

void Lookup::match_one_of(const std::vector<Xapian::Query>& wanted, const Plan& plan) {
  for (const auto& way : wanted) {
    match(way, plan);
    if (answer_.total > 0) return;
  }
}

Xapian::Query Lookup::filtered(const Xapian::Query& wanted) const {
  if (filter_.empty()) return wanted;
  return {Xapian::Query::OP_FILTER, wanted, filter_};
}

void Lookup::match(const Xapian::Query& wanted, const Plan& plan) {
  const auto query = filtered(wanted);
  const bool has_ranking = !runs_.empty() && request_.order == Order::relevance;
  auto count = static_cast<Xapian::doccount>(request_.offset + request_.limit);
  if (!plan.to_check.empty()) count = std::max(count, most_checked);
  count_matches(query, has_ranking, count);
  if (!has_ranking) by_age(query, count);
  if (!plan.to_check.empty()) keep_those_with_phrases(plan.to_check);
}

void Lookup::count_matches(const Xapian::Query& query, bool keep_best, Xapian::doccount count) {
  Xapian::Enquire enquire(database_);
  enquire.set_query(query);
  enquire.set_time_limit(time_limit_seconds);
  if (keep_best) {
    enquire.set_weighting_scheme(PublicRanking(vocabulary_.statistics.average_length()));
  } else {
    enquire.set_weighting_scheme(Xapian::BoolWeight());
  }
  FacetCounter counter;
  if (request_.with_facets) enquire.add_matchspy(&counter);
  const auto matches = enquire.get_mset(0, keep_best ? count : 0, counted_at_least);
  answer_.total_is_exact = matches.get_matches_lower_bound() == matches.get_matches_upper_bound();
  answer_.total = matches.get_matches_estimated();
  if (!answer_.total_is_exact) {
    answer_.total = std::clamp<std::int64_t>(
        std::llround(shown_.share() * static_cast<double>(matches.get_matches_estimated())),
        matches.get_matches_lower_bound(), matches.get_matches_upper_bound());
  }
  answer_.facets = counter.facets();
  answer_.units = counter.take_units();
  answer_.facets_are_exact = answer_.total_is_exact && answer_.total <= counted_at_least;
  found_.clear();
  for (auto match = matches.begin(); match != matches.end(); ++match)
    found_.push_back({*match, match.get_weight()});
}

/// By the day of announcement, some days at a time: what is newest needs no look at all the others.
void Lookup::by_age(const Xapian::Query& query, std::size_t count) {
  auto days = days_of(database_);
  if (request_.order != Order::oldest) std::ranges::reverse(days);
  std::size_t documents_at_once = 2'000;
  for (std::size_t at = 0; at < days.size() && found_.size() < count; documents_at_once *= 8) {
    std::vector<std::string> terms;
    std::size_t documents = 0;
    for (; at < days.size() && documents < documents_at_once; ++at) {
      terms.push_back(days[at].first);
      documents += days[at].second;
    }
    const Xapian::Query of_days(Xapian::Query::OP_OR, terms.begin(), terms.end());
    Xapian::Enquire enquire(database_);
    enquire.set_query(Xapian::Query(Xapian::Query::OP_FILTER, query, of_days));
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.set_sort_by_value(index::slot_announced, request_.order != Order::oldest);
    const auto wanted = static_cast<Xapian::doccount>(count - found_.size());
    const auto matches = enquire.get_mset(0, wanted);
    for (auto match = matches.begin(); match != matches.end(); ++match)
      found_.push_back({*match, 0});
  }
}

void Lookup::keep_those_with_phrases(const std::vector<PhraseToCheck>& phrases) {
  std::vector<Found> kept;
  std::size_t checked = 0;
  const auto needed =
      static_cast<std::size_t>(request_.offset) + static_cast<std::size_t>(request_.limit);
  for (const auto& candidate : found_) {
    if (checked == most_checked || kept.size() > needed) break;
    ++checked;
    const auto data =
        index::DocumentData::unpacked(database_.get_document(candidate.document).get_data());
    if (!data) continue;
    const auto texts = texts_.texts(data->id);
    if (texts && texts_pass(*texts, phrases)) kept.push_back(candidate);
  }
  const auto candidates = static_cast<std::int64_t>(answer_.total);
  answer_.total_is_exact =
      answer_.total_is_exact && static_cast<std::int64_t>(checked) == candidates;
  answer_.facets_are_exact =
      answer_.facets_are_exact && static_cast<std::int64_t>(kept.size()) == candidates;
  const auto of_checked = static_cast<std::int64_t>(kept.size());
  answer_.total =
      checked == 0
          ? 0
          : std::max(of_checked, candidates * of_checked / static_cast<std::int64_t>(checked));
  found_ = std::move(kept);
}

Result<void> Lookup::describe_hits() {
  const WantedWords wanted(runs_);
  const auto from = static_cast<std::size_t>(request_.offset);
  const auto to = std::min(found_.size(), from + static_cast<std::size_t>(request_.limit));
  for (auto at = from; at < to; ++at) {
    const auto data = KHOCHUNG_TRY(
        index::DocumentData::unpacked(database_.get_document(found_[at].document).get_data()));
    Hit hit{data.id, found_[at].score, 0, {}};
    if (!data.is_withdrawn) {
      if (auto texts = texts_.texts(data.id)) {
        auto snippet = make_snippet(texts->pages, wanted);
        if (snippet.html.empty()) snippet = {0, make_snippet(texts->fields, wanted).html};
        hit.page = snippet.page;
        hit.snippet_html = std::move(snippet.html);
      }
    }
    answer_.hits.push_back(std::move(hit));
  }
  return {};
}

}  // namespace khochung::search
