#include <algorithm>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/api/routes.hpp"
#include "server/api/upload_intake.hpp"
#include "server/api/upload_sink.hpp"
#include "storage/packages/csv_cell.hpp"

namespace khochung::api {
namespace {

using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

Result<Response> upload_answer(const Services& services, const Request& request,
                               UploadOutcome&& outcome) {
  const auto accepted = KHOCHUNG_TRY(std::move(outcome.materials.front()));
  const auto& id = accepted.material.id;
  object json{{"id", id.text()}, {"batch", outcome.batch.text()}};
  // Who may not read what was taken in (quarantine) learns its number and what became of it, no
  // more.
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto readable = find_readable(services, id.text(), viewer);
  if (readable && accepted.material.sensitivity != Sensitivity::quarantined) {
    json = material_json(*readable->entry, *readable->tree, services.derivatives, viewer);
    json["batch"] = outcome.batch.text();
  }
  json["intake"] = storage::to_text(accepted.state);
  if (accepted.state == storage::ItemState::quarantined)
    json["message"] = sentence("quarantined", language_of(request));
  const bool is_new = accepted.state != storage::ItemState::duplicate;
  auto response = Response::json(is_new ? 201 : 200, boost::json::serialize(json));
  response.fields.set("Location", "/api/v1/materials/" + id.text());
  return response;
}

/// The sheets of one document that came as uploads: {uploads, batch, fields}.
class SheetsSink final : public http::BodySink {
 public:
  SheetsSink(const Services& services, const Request& request)
      : services_(services), request_(request) {}

  Result<void> write(std::span<const std::byte> bytes) override {
    constexpr std::size_t most_bytes = std::size_t{256} << 10U;
    if (bytes.size() > most_bytes - body_.size())
      return fail(ErrorCode::too_large, "a list of uploads is shorter");
    body_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  Result<Response> finish() override {
    const auto viewer = KHOCHUNG_TRY(services_.doorkeeper.identify_for_change(request_)).viewer;
    boost::json::error_code error;
    const auto body = boost::json::parse(body_, error);
    const JsonReader read(body);
    const auto* listed = error ? nullptr : read.find("uploads");
    if (listed == nullptr || !listed->is_array())
      return fail(ErrorCode::bad_input, "the body has no list of uploads");
    std::vector<UploadId> sheets;
    for (const auto& id : listed->get_array()) {
      if (!id.is_string()) return fail(ErrorCode::bad_input, "an upload is named by its id");
      sheets.push_back(KHOCHUNG_TRY(UploadId::parse(id.get_string())));
    }
    std::map<std::string, std::string> fields;
    if (const auto* given = read.find("fields"); given != nullptr && given->is_object()) {
      for (const auto& [name, value] : given->get_object()) {
        if (!value.is_string()) return fail(ErrorCode::bad_input, "a field is a text");
        fields.emplace(name, value.get_string());
      }
    }
    const auto batch = KHOCHUNG_TRY(batch_for(services_, read.string("batch"), viewer));
    UploadOutcome outcome{batch, {}};
    outcome.materials.push_back(take_sheets(services_, viewer, sheets, std::move(fields), batch));
    return upload_answer(services_, request_, std::move(outcome));
  }

 private:
  const Services& services_;
  Request request_;
  std::string body_;
};

Result<Response> make_batch(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const storage::Batch batch{BatchId::make(), identity.viewer.name, now(), false};
  KHOCHUNG_CHECK(services.catalogue.put_batch(batch));
  auto response =
      Response::json(201, boost::json::serialize(batch_json(batch, {}, language_of(request))));
  response.fields.set("Location", "/api/v1/batches/" + batch.id.text());
  return response;
}

Result<Response> close_batch(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  auto batch = KHOCHUNG_TRY(find_batch(services, request.parameter("id"), identity.viewer));
  batch.is_closed = true;
  KHOCHUNG_CHECK(services.catalogue.put_batch(batch));
  return Response::json(200, boost::json::serialize(batch_json(batch, {}, language_of(request))));
}

std::string receipt_csv(const std::vector<storage::BatchItem>& items, Language language) {
  std::string text = "\xEF\xBB\xBFposition,path,sha256,size_bytes,pages,id,state,message\r\n";
  for (const auto& item : items) {
    const auto message = item.reason.empty() ? std::string_view() : sentence(item.reason, language);
    text += std::to_string(item.position) + "," + storage::csv_cell(item.path) + "," +
            (item.sha256 ? item.sha256->hex() : "") + "," + std::to_string(item.size_bytes) + "," +
            std::to_string(item.pages) + "," + (item.material ? item.material->text() : "") + "," +
            std::string(storage::to_text(item.state)) + "," + storage::csv_cell(message) + "\r\n";
  }
  return text;
}

Result<Response> show_batch(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto batch = KHOCHUNG_TRY(find_batch(services, request.parameter("id"), identity.viewer));
  const auto items = KHOCHUNG_TRY(services.catalogue.batch_items(batch.id));
  const auto language = language_of(request);
  const bool wants_csv = request.query_value("format") == "csv" ||
                         request.fields.get("accept").starts_with("text/csv");
  if (!wants_csv)
    return Response::json(200, boost::json::serialize(batch_json(batch, items, language)));
  auto response = Response::text(200, "text/csv; charset=utf-8", receipt_csv(items, language));
  response.fields.set("Content-Disposition",
                      "attachment; filename=\"bien-nhan-" + batch.id.text() + ".csv\"");
  return response;
}

Result<Response> batch_progress(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto batch = KHOCHUNG_TRY(find_batch(services, request.parameter("id"), identity.viewer));
  const auto counts = KHOCHUNG_TRY(services.catalogue.batch_counts(batch.id));
  const auto is_waiting = [](const auto& state) {
    return state.second > 0 && (state.first == storage::ItemState::queued ||
                                state.first == storage::ItemState::reading);
  };
  if (is_stuck(services) && std::ranges::any_of(counts.by_state, is_waiting))
    return fail(ErrorCode::unavailable, "neither the queue of jobs nor the index takes anything");
  object json{{"files", counts.files}, {"pages", counts.pages}, {"closed", batch.is_closed}};
  for (const auto& [state, count] : counts.by_state) json[storage::to_text(state)] = count;
  return Response::json(200, boost::json::serialize(json));
}

/// Files whose digests the owner of the data folder names before sending them: those that the
/// archive has already need not come.
Result<Response> recognise(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  if (identity.viewer.kind != access::AccountKind::local_administrator)
    return fail(ErrorCode::forbidden, "this is for the owner of the data folder");
  const auto batch = KHOCHUNG_TRY(find_batch(services, request.parameter("id"), identity.viewer));
  boost::json::error_code error;
  const auto body = boost::json::parse(request.body, error);
  const auto* listed = error ? nullptr : JsonReader(body).find("files");
  if (listed == nullptr || !listed->is_array())
    return fail(ErrorCode::bad_input, "the body has no list of files");
  std::vector<pipeline::Intake::Announced> files;
  for (const auto& file : listed->get_array()) {
    const JsonReader read(file);
    auto sha256 = KHOCHUNG_TRY(Digest::parse(read.string("sha256")));
    files.push_back({read.string("path"), sha256, read.string("unit")});
  }
  const auto known =
      KHOCHUNG_TRY(services.intake.recognise(batch.id, files, [&services](const Digest& sha256) {
        return services.checked_blobs.is_fresh(sha256);
      }));
  boost::json::array ids;
  for (const auto& id : known)
    ids.push_back(id ? boost::json::value(id->text()) : boost::json::value(nullptr));
  return Response::json(200, boost::json::serialize(object{{"known", std::move(ids)}}));
}

Result<Response> withdraw_batch(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto batch = KHOCHUNG_TRY(find_batch(services, request.parameter("id"), identity.viewer));
  boost::json::error_code error;
  const auto body = boost::json::parse(request.body, error);
  const auto notice = JsonReader(body).string("notice");
  if (error || notice.empty()) return fail(ErrorCode::bad_input, "a withdrawal needs a notice");
  const auto tree = services.units.tree();
  int withdrawn = 0;
  for (const auto& item : KHOCHUNG_TRY(services.catalogue.batch_items(batch.id))) {
    if (!item.material || item.state == storage::ItemState::duplicate) continue;
    const auto edit = [&](Material& material) -> Result<void> {
      const auto standing = KHOCHUNG_TRY(access::Standing::of(material, *tree));
      if (!access::may(identity.viewer, access::Action::publish, standing, *tree, now())) {
        return fail(ErrorCode::forbidden, "may not withdraw " + material.id.text());
      }
      if (material.state == State::withdrawn) return fail(ErrorCode::conflict, "already withdrawn");
      material.state = State::withdrawn;
      material.notice = notice;
      return {};
    };
    const auto done = services.materials.revise(*item.material, std::nullopt,
                                                {identity.viewer.name, "api", notice}, edit);
    if (!done && done.error().code != ErrorCode::conflict) return fail(done.error());
    withdrawn += done ? 1 : 0;
  }
  services.index_bell.ring();
  return Response::json(200, boost::json::serialize(object{{"withdrawn", withdrawn}}));
}

}  // namespace

void add_intake_routes(http::Router& router, const Services& services) {
  const auto bind = [&services](auto handler) {
    return [&services, handler](const Request& request) { return handler(services, request); };
  };
  const auto upload =
      [&services](const Request& request) -> Result<std::unique_ptr<http::BodySink>> {
    if (request.fields.get("Content-Type").starts_with("application/json"))
      return std::make_unique<SheetsSink>(services, request);
    return UploadSink::begin(services, request, FilesBecome::one_material,
                             [&services](const Request& asked, UploadOutcome&& outcome) {
                               return upload_answer(services, asked, std::move(outcome));
                             });
  };
  const std::string batches = "/api/v1/batches";
  router.add({Method::post, "/api/v1/materials", BodyKind::stream, {}, upload, 0});
  router.add({Method::post, batches, BodyKind::small, bind(make_batch), {}, 0});
  router.add({Method::get, batches + "/{id}", BodyKind::none, bind(show_batch), {}, 0});
  router.add(
      {Method::get, batches + "/{id}/progress", BodyKind::none, bind(batch_progress), {}, 0});
  router.add({Method::post, batches + "/{id}/known", BodyKind::small, bind(recognise), {}, 0});
  router.add({Method::post, batches + "/{id}/close", BodyKind::small, bind(close_batch), {}, 0});
  router.add(
      {Method::post, batches + "/{id}/withdraw", BodyKind::small, bind(withdraw_batch), {}, 0});
}

}  // namespace khochung::api
