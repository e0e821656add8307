#include "indexer/search/kept_rights.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "schemas/identifier.hpp"

namespace khochung::search {
namespace {

/// Three blocks of documents of which a tenth is missing, and the rights of those that are there.
struct Documents {
  static constexpr Xapian::docid last = 10'000;
  Xapian::WritableDatabase database{"", Xapian::DB_BACKEND_INMEMORY};
  std::vector<std::optional<index::RightsValue>> rights{std::nullopt};

  explicit Documents(std::mt19937& random) {
    for (Xapian::docid number = 1; number <= last; ++number) {
      if (number != last && random() % 10 == 0) {
        rights.emplace_back();
        continue;
      }
      index::RightsValue value;
      value.owner = static_cast<UnitNumber>(random() % 130'000);
      value.visibility = static_cast<Visibility>(random() % 6);
      value.state = static_cast<State>(random() % 6);
      if (random() % 20 == 0)
        value.embargo_until = Instant(std::chrono::milliseconds(1'700'000'000'000 + random()));
      Xapian::Document document;
      document.add_value(index::slot_rights, value.packed());
      database.replace_document(number, document);
      rights.emplace_back(value);
    }
    database.commit();
  }
};

bool is_told_right(KeptRights::Reader& reader, Xapian::docid document,
                   const std::optional<index::RightsValue>& known) {
  const auto& told = reader.of(document);
  if (!told.is_there || !known) return told.is_there == known.has_value();
  return told.owner == known->owner && told.visibility == known->visibility &&
         told.state == known->state && reader.embargo_until(told) == known->embargo_until;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kept_rights)

BOOST_AUTO_TEST_CASE(each_document_is_told_as_it_is_however_often_it_is_asked_about) {
  std::mt19937 random(291126);  // NOLINT: the same cases in every run
  const Documents documents(random);
  KeptRights kept(documents.database);
  // Ever denser: blocks are kept in the middle of a search, and between two.
  for (const Xapian::docid widest_step : {900U, 200U, 60U, 9U, 1U, 1U}) {
    KeptRights::Reader reader(kept);
    std::size_t wrong = 0;
    for (Xapian::docid at = 1; at <= Documents::last;
         at += 1 + static_cast<Xapian::docid>(random() % widest_step))
      wrong += is_told_right(reader, at, documents.rights[at]) ? 0U : 1U;
    BOOST_TEST(wrong == 0U);
  }
}

BOOST_AUTO_TEST_CASE(the_sample_is_spread_over_all_documents) {
  std::mt19937 random(291126);  // NOLINT: the same cases in every run
  const Documents documents(random);
  KeptRights kept(documents.database);
  const auto& sample = kept.sample();
  BOOST_TEST(sample.size() > 250U);
  BOOST_TEST(sample.size() < 310U);
  BOOST_TEST(&kept.sample() == &sample);
  KeptRights none(Xapian::WritableDatabase("", Xapian::DB_BACKEND_INMEMORY));
  BOOST_TEST(none.sample().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::search
