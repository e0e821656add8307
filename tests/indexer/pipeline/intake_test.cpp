#include "indexer/pipeline/intake.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "indexer/pipeline/handling.hpp"
#include "indexer/pipeline/index_keeper.hpp"
#include "indexer/pipeline/sheets.hpp"
#include "storage/blobs/disk_store.hpp"
#include "storage/durable_file.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::pipeline {
namespace {

using storage::ItemState;

void must(const Result<void>& outcome) {
  if (!outcome) BOOST_FAIL(outcome.error().message);
}

/// An archive on disk with everything that taking in needs.
struct Archive {
  explicit Archive(const std::filesystem::path& folder)
      : blobs(storage::DiskBlobStore::open(folder / "blobs", sync).value()),
        records(folder / "records", sync),
        derivatives(folder / "derived"),
        catalogue(storage::Catalogue::open(folder / "catalogue.sqlite").value()),
        owed(*catalogue, records),
        units(UnitDirectory::open(*catalogue, records, owed).value()),
        materials(*catalogue, records, owed),
        record_writer(*catalogue, records, owed),
        vocabularies(record_writer),
        workers(std::getenv("KHOCHUNG_BUILD_DIR"), folder / "scratch"),
        reader(workers),
        intake(*catalogue, derivatives, materials, *units, vocabularies, reader) {
    batch.id = BatchId::make();
    batch.created_at = now();
    must(catalogue->put_batch(batch));
  }

  [[nodiscard]] Submission submission(const std::string& path, std::string_view bytes) const {
    Submission made;
    auto writer = blobs->begin().value();
    must(writer->write(std::as_bytes(std::span(bytes))));
    made.files.push_back({path, std::move(writer)});
    made.batch = batch.id;
    made.viewer = access::Viewer::local_administrator();
    made.from = "cli";
    made.default_state = "published";
    return made;
  }
  Result<Accepted> take(const std::string& path, std::string_view bytes) {
    return intake.take(submission(path, bytes));
  }
  [[nodiscard]] std::size_t blob_count() const {
    std::size_t count = 0;
    must(blobs->for_each([&](const auto&) { return ++count > 0; }));
    return count;
  }

  storage::SyncGroup sync;
  std::unique_ptr<storage::DiskBlobStore> blobs;
  storage::RecordStore records;
  storage::DerivativeStore derivatives;
  std::unique_ptr<storage::Catalogue> catalogue;
  OwedRecords owed;
  std::unique_ptr<UnitDirectory> units;
  Materials materials;
  RecordWriter record_writer;
  Vocabularies vocabularies;
  workers::WorkerHost workers;
  QuickReader reader;
  Intake intake;
  storage::Batch batch;
};

struct Fixture {
  storage::TemporaryFolder folder;
  Archive archive{folder.path()};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(intake, Fixture)

BOOST_AUTO_TEST_CASE(a_text_is_kept_read_and_recorded_before_the_answer) {
  const auto accepted =
      archive.take("/tai-lieu/ke-hoach.txt", "Kế hoạch tuyên truyền về an toàn lao động").value();
  const auto entry = archive.catalogue->material(accepted.material.id).value();
  BOOST_TEST(entry.page_count == 1);
  BOOST_TEST(entry.material.files.front().name == "ke-hoach.txt");
  BOOST_TEST(entry.material.language == "vi");
  BOOST_TEST(archive.records.newest(accepted.material.id.uuid()).value().revision == 1);
  BOOST_TEST(archive.derivatives.page_texts(entry.material.files.front().sha256)
                 .value()
                 .front()
                 .starts_with("Kế hoạch"));
}

BOOST_AUTO_TEST_CASE(what_the_catalogue_took_is_done_and_its_record_follows) {
  const auto id = archive.take("a.txt", "Thông báo về Tết Sum vầy").value().material.id;
  const auto edit = [&](const std::string& title) {
    return archive.materials.revise(id, std::nullopt, {"lan", "api", "edited"},
                                    [&](Material& material) -> Result<void> {
                                      material.title = title;
                                      return {};
                                    });
  };
  const auto records = folder.path() / "records";
  std::filesystem::rename(records / "tmp", records / "gone");
  BOOST_TEST(edit("Tên thứ hai").value().revision == 2);
  BOOST_TEST(edit("Tên thứ ba").value().revision == 3);
  BOOST_TEST(archive.records.history(id.uuid()).value().size() == 1U);
  BOOST_TEST(archive.owed.settle().error().message.empty() == false);
  BOOST_TEST(archive.catalogue->owed_records(10).value().size() == 2U);
  std::filesystem::rename(records / "gone", records / "tmp");
  BOOST_TEST(edit("Tên thứ tư").value().revision == 4);
  const auto history = archive.records.history(id.uuid()).value();
  BOOST_TEST(history.size() == 4U);
  BOOST_TEST(archive.catalogue->owed_records(10).value().empty());
  must(archive.owed.settle());
  BOOST_TEST(archive.records.newest(id.uuid()).value().revision == 4);
}

BOOST_AUTO_TEST_CASE(the_index_goes_on_after_a_rebuild_that_failed) {
  Bell bell;
  IndexKeeper index(folder.path() / "index", *archive.catalogue, archive.derivatives,
                    *archive.units, bell);
  must(index.open());
  index.start();
  // The disk refuses the whole folder for a while.
  std::filesystem::rename(folder.path() / "index", folder.path() / "gone");
  std::ofstream(folder.path() / "index") << "a file";
  BOOST_TEST(!index.rebuild().has_value());
  std::filesystem::remove(folder.path() / "index");
  BOOST_TEST(archive.take("a.txt", "Thông báo về Tết Sum vầy").has_value());
  while (!archive.catalogue->waiting_for_index(1).value().empty()) {
    bell.ring();
    std::this_thread::yield();
  }
  index.stop();
}

BOOST_AUTO_TEST_CASE(a_table_is_called_by_its_file_and_a_text_by_its_first_line) {
  const std::string rows = "đội,đơn vị,người thi\n1,Công đoàn cơ sở mẫu,12\n";
  BOOST_TEST(archive.take("ket-qua.csv", rows).value().material.title == "ket-qua");
  BOOST_TEST(archive.take("ket-qua.txt", "Kết quả hội thi\n" + rows).value().material.title ==
             "Kết quả hội thi");
  BOOST_TEST(is_table("application/vnd.oasis.opendocument.spreadsheet"));
  BOOST_TEST(!is_table("application/msword"));
}

BOOST_AUTO_TEST_CASE(the_same_bytes_twice_are_one_material_and_one_blob) {
  const auto first = archive.take("a.txt", "Thông báo về Tết Sum vầy").value();
  const auto second = archive.take("b.txt", "Thông báo về Tết Sum vầy").value();
  BOOST_TEST((second.state == ItemState::duplicate));
  BOOST_TEST((second.material.id == first.material.id));
  BOOST_TEST(archive.blob_count() == 1U);
}

BOOST_AUTO_TEST_CASE(another_unit_gets_a_material_of_its_own_over_the_same_blob) {
  Unit province;
  province.code = "ldld-mau";
  province.name_vi = "Liên đoàn Lao động tỉnh mẫu";
  province.parent = archive.units->tree()->root()->id;
  archive.units->put({province}, {"local", "cli", {}}).value();
  const auto first = archive.take("a.txt", "Công văn chung").value();
  auto submission = archive.submission("a.txt", "Công văn chung");
  submission.fields["unit"] = "ldld-mau";
  const auto second = archive.intake.take(std::move(submission)).value();
  BOOST_TEST((second.material.id != first.material.id));
  BOOST_TEST(archive.blob_count() == 1U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_is_refused_and_nothing_of_it_is_kept) {
  struct Row {
    std::string path;
    std::string bytes;
    std::string_view reason;
  };
  const std::vector<Row> rows{{"rong.txt", "", "empty_file"},
                              {"cut.pdf", "%PDF-1.4\n1 0 obj\n<< /Type /Cat", "damaged_file"},
                              {"..", "abc", "bad_name"},
                              {std::string(300, 'a') + ".txt", "abc", "bad_name"},
                              {"\xC3\x28.txt", "abc", "bad_name"},
                              {std::string("a\0b.txt", 7), "abc", "bad_name"}};
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.reason) {
      const auto refused = archive.take(row.path, row.bytes);
      BOOST_REQUIRE(!refused.has_value());
      BOOST_TEST(refused.error().reason == row.reason);
    }
  }
  BOOST_TEST(archive.blob_count() == 0U);
  BOOST_TEST(archive.catalogue->totals().value().materials == 0);
  const auto lines = archive.catalogue->batch_items(archive.batch.id).value();
  BOOST_TEST(lines.size() == rows.size());
  BOOST_TEST(
      std::ranges::all_of(lines, [](const auto& line) { return line.state == ItemState::failed; }));
}

BOOST_AUTO_TEST_CASE(a_state_secret_mark_leads_into_quarantine) {
  const auto accepted =
      archive.take("mat.txt", "TỐI MẬT\nKế hoạch nội dung không công khai\n").value();
  BOOST_TEST((accepted.state == ItemState::quarantined));
  const auto entry = archive.catalogue->material(accepted.material.id).value();
  BOOST_TEST((entry.material.sensitivity == Sensitivity::quarantined));
  BOOST_TEST(!archive.derivatives.outline(entry.material.files.front().sha256).has_value());
}

BOOST_AUTO_TEST_CASE(a_contributor_cannot_publish_by_asking_for_it) {
  auto submission = archive.submission("a.txt", "Bài viết");
  submission.viewer = {access::AccountKind::union_person, "an", {{access::Role::contributor, 1}}};
  const auto refused = archive.intake.take(std::move(submission));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == ErrorCode::forbidden));
}

BOOST_AUTO_TEST_CASE(a_record_that_a_dead_process_owed_is_written_at_the_next_start) {
  const auto accepted = archive.take("a.txt", "Quyết định khen thưởng").value();
  auto changed = accepted.material;
  changed.revision = 2;
  changed.title = "Quyết định khen thưởng năm 2026";
  Record record;
  record.id = changed.id.uuid();
  record.revision = 2;
  record.previous = archive.catalogue->material(changed.id).value().seal;
  record.at = now();
  record.body = to_json(changed);
  storage::Catalogue::NewMaterial row;
  row.material = changed;
  row.record = to_canonical_json(record);
  row.seal = Digest::of(row.record);
  must(archive.catalogue->put_material(row));  // and here the process dies

  must(archive.owed.settle());
  BOOST_TEST(archive.records.newest(changed.id.uuid()).value().revision == 2);
  must(archive.owed.settle());
  BOOST_TEST(archive.materials.history(changed.id).value().size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_does_not_follow_stays_owed_and_keeps_no_other_waiting) {
  const auto broken = archive.take("a.txt", "Công văn về bữa ăn ca").value().material.id;
  const auto sound = archive.take("b.txt", "Công văn về nhà trẻ").value().material.id;
  const auto owe = [&](const MaterialId& id, std::optional<Digest> previous) {
    auto changed = archive.catalogue->material(id).value();
    Record record;
    record.id = id.uuid();
    record.revision = 2;
    record.previous = previous ? previous : changed.seal;
    record.at = now();
    changed.material.revision = 2;
    record.body = to_json(changed.material);
    storage::Catalogue::NewMaterial row;
    row.material = changed.material;
    row.record = to_canonical_json(record);
    row.seal = Digest::of(row.record);
    must(archive.catalogue->put_material(row));
  };
  owe(broken, Digest::of("a revision that the store does not have"));
  owe(sound, std::nullopt);
  BOOST_TEST((archive.owed.settle().error().code == ErrorCode::conflict));
  BOOST_TEST(archive.records.newest(sound.uuid()).value().revision == 2);
  BOOST_TEST(archive.records.newest(broken.uuid()).value().revision == 1);
  BOOST_TEST(archive.catalogue->owed_records(10).value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_group_that_is_there_is_taken_in_once) {
  const auto group = [&](std::initializer_list<std::string_view> sheets) {
    auto made = archive.submission("to-1.txt", *sheets.begin());
    for (const auto* sheet = sheets.begin() + 1; sheet != sheets.end(); ++sheet)
      made.files.push_back(std::move(archive.submission("to-2.txt", *sheet).files.front()));
    return archive.intake.take(std::move(made)).value();
  };
  const auto first = group({"Biên bản hội nghị, tờ một", "Biên bản hội nghị, tờ hai"});
  const auto again = group({"Biên bản hội nghị, tờ một", "Biên bản hội nghị, tờ hai"});
  BOOST_TEST((again.state == ItemState::duplicate));
  BOOST_TEST((again.material.id == first.material.id));
  const auto lines = archive.catalogue->batch_items(archive.batch.id).value();
  BOOST_REQUIRE(lines.size() == 4U);
  BOOST_TEST((lines[3].state == ItemState::duplicate));
  BOOST_TEST((lines[3].sha256 == first.material.files[1].sha256));
  // Other sheets, or the same ones in another order, are another document.
  const auto turned = group({"Biên bản hội nghị, tờ hai", "Biên bản hội nghị, tờ một"});
  BOOST_TEST((turned.material.id != first.material.id));
  const auto longer =
      group({"Biên bản hội nghị, tờ một", "Biên bản hội nghị, tờ hai", "Biên bản hội nghị, tờ ba"});
  BOOST_TEST((longer.material.id != first.material.id));
  // What was deleted may come in again.
  must(archive.materials
           .revise(first.material.id, std::nullopt, {"lan", "api", ""},
                   [](Material& material) -> Result<void> {
                     material.state = State::deleted;
                     return {};
                   })
           .map([](const Material&) {}));
  const auto anew = group({"Biên bản hội nghị, tờ một", "Biên bản hội nghị, tờ hai"});
  BOOST_TEST((anew.material.id != first.material.id));
}

BOOST_AUTO_TEST_CASE(an_edit_of_an_old_revision_is_refused) {
  const auto id = archive.take("a.txt", "Bản tin").value().material.id;
  const auto rename = [](Material& material) -> Result<void> {
    material.title = "Bản tin số 1";
    return {};
  };
  BOOST_TEST(archive.materials.revise(id, 1, {"local", "cli", ""}, rename).value().revision == 2);
  const auto late = archive.materials.revise(id, 1, {"local", "cli", ""}, rename);
  BOOST_TEST((late.error().code == ErrorCode::precondition_failed));
}

BOOST_AUTO_TEST_CASE(sheets_are_put_together_and_taken_apart_again) {
  const auto first = archive.take("A_001.txt", "Trang một").value().material.id;
  const auto second = archive.take("A_002.txt", "Trang hai").value().material.id;
  Sheets sheets(*archive.catalogue, archive.derivatives, archive.materials);
  const auto whole = sheets.merge({first, second}, {"an", "web", "merged"}).value();
  BOOST_TEST(whole.files.size() == 2U);
  BOOST_TEST(archive.catalogue->material(first).value().page_count == 2);
  BOOST_TEST((archive.catalogue->material(second).value().material.state == State::withdrawn));
  const auto apart = sheets.split(first, {"an", "web", "split"}).value();
  BOOST_TEST(apart.size() == 1U);
  BOOST_TEST(archive.catalogue->material(first).value().material.files.size() == 1U);
  BOOST_TEST(!sheets.split(first, {"an", "web", "split"}).has_value());
}

BOOST_AUTO_TEST_CASE(eight_senders_of_the_same_bytes_make_one_material) {
  std::vector<std::jthread> senders;
  std::atomic<int> accepted = 0;
  for (int i = 0; i < 8; ++i) {
    senders.emplace_back([&] {
      const auto taken = archive.take("a.txt", "Cùng một văn bản");
      if (taken && taken->state != ItemState::duplicate) ++accepted;
    });
  }
  senders.clear();
  BOOST_TEST(accepted == 1);
  BOOST_TEST(archive.catalogue->totals().value().materials == 1);
}

BOOST_AUTO_TEST_CASE(the_index_follows_the_catalogue_and_is_built_anew) {
  const auto id = archive.take("a.txt", "Hướng dẫn đóng kinh phí công đoàn").value().material.id;
  Bell bell;
  const auto folder_of_index = folder.path() / "index";
  IndexKeeper keeper(folder_of_index, *archive.catalogue, archive.derivatives, *archive.units,
                     bell);
  must(keeper.open());
  keeper.start();
  BOOST_TEST(keeper.rebuild().value().documents == 1);
  keeper.stop();
  BOOST_TEST(archive.catalogue->material(id).value().page_count == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::pipeline
