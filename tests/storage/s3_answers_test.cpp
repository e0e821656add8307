// What an S3 service may answer that is no use: nothing wrong is taken for right, and no refusal
// for a success.
#include <boost/test/unit_test.hpp>

#include "storage/blobs/unnamed_file.hpp"
#include "tests/storage/blob_samples.hpp"
#include "tests/storage/limits.hpp"
#include "tests/storage/s3_server/scripted_service.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

using enum ErrorCode;

/// Asks for the ten bytes from `offset` on.
Result<std::string> read_ten(ScriptedService& service, const std::string& answer,
                             std::uint64_t offset = 0) {
  service.say({answer});
  std::string into(10, '?');
  KHOCHUNG_CHECK(service.bucket.read("key", offset, std::as_writable_bytes(std::span(into))));
  return into;
}

ErrorCode head_code(ScriptedService& service, const std::string& answer) {
  service.say({answer});
  const auto head = service.bucket.head("key");
  BOOST_TEST_REQUIRE(!head.has_value());
  return head.error().code;
}

UnnamedFile file_of(std::string_view text) {
  auto file = UnnamedFile::make().value();
  BOOST_TEST(file.write(bytes_of(text)).has_value());
  return file;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_answers)

// -- one request

BOOST_AUTO_TEST_CASE(a_part_is_taken_when_it_is_the_one_that_was_asked_for) {
  ScriptedService service;
  BOOST_TEST(read_ten(service, part_answer("bytes 0-9/20", "0123456789")).value() == "0123456789");
  BOOST_TEST(read_ten(service, part_answer("bytes 5-14/20", "56789abcde"), 5).value() ==
             "56789abcde");
  // A service that knows no ranges sends the whole.
  BOOST_TEST(read_ten(service, answer_of("200 OK", "", "0123456789")).value() == "0123456789");
}

BOOST_AUTO_TEST_CASE(what_is_another_part_or_none_is_not_taken) {
  ScriptedService service;
  const std::string ten = "0123456789";
  for (const auto& answer :
       {part_answer("bytes 1-10/20", ten), part_answer("bytes 0-9", ten),
        part_answer("bytes 0-9/x", ten), part_answer("bytes 0-9/20x", ten),
        part_answer("bytes 0-9/*", ten), answer_of("206 Partial Content", "", ten),
        // Too few, too many, and the end of a shorter object.
        part_answer("bytes 0-9/20", "01234"), part_answer("bytes 0-9/20", ten + "a"),
        part_answer("bytes 0-4/5", "01234"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "a\r\n0123456789\r\n0\r\n\r\n")}) {
    const auto read = read_ten(service, answer);
    BOOST_TEST_REQUIRE(!read.has_value(), answer);
    BOOST_TEST((read.error().code == unavailable), answer);
  }
  // The whole instead of a part from the middle.
  const auto whole = answer_of("200 OK", "", ten);
  BOOST_TEST((read_ten(service, whole, 5).error().code == unavailable));
}

BOOST_AUTO_TEST_CASE(an_object_without_a_size_is_not_taken) {
  ScriptedService service;
  BOOST_TEST((head_code(service, "HTTP/1.1 200 OK\r\n\r\n") == unavailable));
}

BOOST_AUTO_TEST_CASE(an_answer_without_end_is_broken_off) {
  ScriptedService service;
  service.say({answer_of("200 OK", "", std::string((8U << 20U) + 1, ' '))});
  BOOST_TEST((service.bucket.list("", "").error().code == unavailable));
}

BOOST_AUTO_TEST_CASE(a_refusal_says_whether_asking_again_can_help) {
  ScriptedService service;
  using Case = std::pair<std::string, ErrorCode>;
  for (const auto& [status, code] :
       {Case{"301 Moved Permanently", bad_input}, Case{"400 Bad Request", internal},
        Case{"401 Unauthorized", forbidden}, Case{"403 Forbidden", forbidden},
        Case{"404 Not Found", not_found}, Case{"408 Request Timeout", unavailable},
        Case{"409 Conflict", conflict}, Case{"412 Precondition Failed", conflict},
        Case{"413 Content Too Large", too_large},
        Case{"416 Range Not Satisfiable", range_not_satisfiable},
        Case{"429 Too Many Requests", unavailable}, Case{"500 Internal Server Error", unavailable},
        Case{"501 Not Implemented", unsupported}}) {
    BOOST_TEST((head_code(service, answer_of(status)) == code), status);
  }
  service.say({answer_of("400 Bad Request", "", "<Error><Code>BadDigest</Code></Error>")});
  const auto listed = service.bucket.list("", "");
  BOOST_TEST((listed.error().code == unavailable));
  BOOST_TEST(listed.error().message.find("the bucket: BadDigest") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_that_cannot_be_right_is_not_asked_again) {
  const ScriptedService service;
  auto address = service.address();
  int waits = 0;
  S3Patience patience;
  patience.wait = [&waits](std::chrono::milliseconds) { ++waits; };
  address.endpoint = "http://[";
  const S3Client client(address, {"key", "secret"}, patience);
  BOOST_TEST((S3Bucket(client).head("key").error().code == bad_input));
  BOOST_TEST(waits == 0);
}

BOOST_AUTO_TEST_CASE(a_file_that_has_become_shorter_is_not_sent) {
  ScriptedService service;
  const auto file = file_of("thư");
  const auto put = service.bucket.put("key", {file.descriptor(), 0, 1'000}, Digest::of("thư"));
  BOOST_TEST((put.error().code == internal));
}

BOOST_AUTO_TEST_CASE(a_body_is_sent_again_when_a_kept_connection_breaks_under_it) {
  ScriptedService service({head_answer(1), xml_answer("<CompleteMultipartUploadResult/>")});
  service.proxy.plan({Fault::break_next});
  BOOST_TEST(service.bucket.head("key").has_value());
  // One attempt is all that this client makes.
  BOOST_TEST(service.bucket.complete_upload("key", "7", {"0"}).has_value());
  BOOST_TEST(service.last_body() == s3_parts({"0"}));
}

BOOST_AUTO_TEST_CASE(an_etag_that_means_something_in_xml_is_not_taken) {
  ScriptedService service;
  const auto file = file_of("thư");
  const FilePart part{file.descriptor(), 0, file.size_bytes()};
  const auto put_with = [&](const std::string& etag) {
    service.say({answer_of("200 OK", etag.empty() ? "" : "ETag: " + etag + "\r\n")});
    return service.bucket.put("key", part, Digest::of("thư"));
  };
  BOOST_TEST(put_with("\"09afAFz-2\"").value() == "09afAFz-2");
  BOOST_TEST(put_with("09azAZ").value() == "09azAZ");
  for (const auto* etag : {"", "\"\"", "\"", "\"0", "0\"", "\"/\"", "\"<\"", "\"[\"", "\"{\""}) {
    BOOST_TEST((put_with(etag).error().code == unavailable), etag);
  }
}

BOOST_AUTO_TEST_CASE(what_the_service_refuses_is_refused) {
  ScriptedService service;
  const auto file = file_of("thư");
  const FilePart part{file.descriptor(), 0, file.size_bytes()};
  const auto& bucket = service.bucket;
  std::string into(10, '?');
  BOOST_TEST(
      (bucket.open("key", std::as_writable_bytes(std::span(into))).error().code == forbidden));
  BOOST_TEST((bucket.put("key", part, Digest::of("thư")).error().code == forbidden));
  BOOST_TEST((bucket.put_part({"key", "7", 1}, part, Digest::of("thư")).error().code == forbidden));
  BOOST_TEST((bucket.copy("key", "other").error().code == forbidden));
  BOOST_TEST((bucket.remove("key").error().code == forbidden));
  BOOST_TEST((bucket.begin_upload("key").error().code == forbidden));
  BOOST_TEST((bucket.complete_upload("key", "7", {"0"}).error().code == forbidden));
  BOOST_TEST((bucket.give_up_upload("key", "7").error().code == forbidden));
  BOOST_TEST((bucket.uploads("", {}).error().code == forbidden));
  service.say({absent, absent});
  BOOST_TEST(bucket.remove("key").has_value());
  BOOST_TEST(bucket.give_up_upload("key", "7").has_value());
}

// -- uploads that were left

BOOST_AUTO_TEST_CASE(a_list_of_uploads_is_read_page_by_page) {
  const auto upload = [](const std::string& key, const std::string& begun_at) {
    return "<Upload><Key>" + key + "</Key><UploadId>7</UploadId><Initiated>" + begun_at +
           "</Initiated></Upload>";
  };
  const auto list = [](const std::string& inner) {
    return xml_answer("<ListMultipartUploadsResult>" + inner + "</ListMultipartUploadsResult>");
  };
  const auto old = upload("p/a", "2020-01-01T00:00:00Z");
  ScriptedService service;
  service.say({list("<IsTruncated>true</IsTruncated><NextKeyMarker>p/a</NextKeyMarker>"
                    "<NextUploadIdMarker>7</NextUploadIdMarker>" +
                    old),
               done, list(upload("q/b", "2020-01-01T00:00:00Z") + old), done});
  const std::chrono::hours age{24};
  BOOST_TEST(give_up_stale_uploads(service.bucket, "p/", age).value() == 2U);
  const auto asked = service.asked();
  BOOST_TEST_REQUIRE(asked.size() == 4U);
  BOOST_TEST(asked[1] == "DELETE /archive/p/a?uploadId=7");
  BOOST_TEST(asked[2] == "GET /archive?key-marker=p%2Fa&prefix=p%2F&upload-id-marker=7&uploads=");
  service.say({list(old)});
  BOOST_TEST((give_up_stale_uploads(service.bucket, "p/", age).error().code == forbidden));
  service.say({list(upload("p/a", "yesterday"))});
  BOOST_TEST(!give_up_stale_uploads(service.bucket, "p/", age).has_value());
  service.say({list("<IsTruncated>true</IsTruncated>")});
  BOOST_TEST((give_up_stale_uploads(service.bucket, "p/", age).error().code == unavailable));
  service.say({xml_answer("<InitiateMultipartUploadResult/>")});
  BOOST_TEST((service.bucket.begin_upload("key").error().code == unavailable));
}

// -- a whole object

BOOST_AUTO_TEST_CASE(what_was_kept_is_proved_by_its_etag_or_by_its_bytes) {
  ScriptedService service;
  const auto file = file_of("thư");
  const S3Upload what{"key", file.descriptor(), file.size_bytes(), Digest::of("thư")};
  const auto of_another_kind = head_answer(what.size_bytes, "\"encrypted\"");
  const auto read = [&what](const std::string& bytes) {
    return part_answer("bytes 0-3/" + std::to_string(what.size_bytes), bytes);
  };
  service.say({taken, of_another_kind, read("thư")});
  BOOST_TEST(upload(service.bucket, what, {}).has_value());
  BOOST_TEST(service.asked().size() == 3U);

  // What was kept otherwise does not stay.
  service.say({taken, of_another_kind, read("thu."), done});
  BOOST_TEST((upload(service.bucket, what, {}).error().code == corrupt));
  BOOST_TEST(service.asked().back() == "DELETE /archive/key");
  service.say({taken, head_answer(1), done});
  BOOST_TEST((upload(service.bucket, what, {}).error().code == corrupt));
  BOOST_TEST(service.asked().back() == "DELETE /archive/key");

  // Without an answer it is not known to be kept.
  service.say({});
  BOOST_TEST((upload(service.bucket, what, {}).error().code == forbidden));
  service.say({taken});
  BOOST_TEST((upload(service.bucket, what, {}).error().code == forbidden));
  service.say({taken, of_another_kind});
  BOOST_TEST((upload(service.bucket, what, {}).error().code == forbidden));
  service.say({taken, head_answer(1)});
  BOOST_TEST((upload(service.bucket, what, {}).error().code == forbidden));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_what_came_in_is_not_kept) {
  ScriptedService service;
  const auto file = file_of("thư");
  const auto sha256 = Digest::of("thư");
  BOOST_TEST(
      (upload(service.bucket, {"key", file.descriptor(), 4, Digest::of("x")}, {}).error().code ==
       corrupt));
  BOOST_TEST(
      (upload(service.bucket, {"key", file.descriptor(), 5, sha256}, {}).error().code == corrupt));
  BOOST_TEST((upload(service.bucket, {"key", -1, 4, sha256}, {}).error().code == unavailable));
  BOOST_TEST(service.asked().empty());
}

BOOST_AUTO_TEST_CASE(an_upload_in_parts_that_fails_anywhere_is_given_up) {
  ScriptedService service;
  const auto file = file_of("thư");
  const S3PartSizes sizes{.parts_from_bytes = 1};
  const S3Upload what{"key", file.descriptor(), file.size_bytes(), Digest::of("thư")};
  const auto try_with = [&](const S3Upload& upload_of, std::deque<std::string> answers) {
    service.say(std::move(answers));
    return upload(service.bucket, upload_of, sizes);
  };
  BOOST_TEST((try_with(what, {}).error().code == forbidden));
  BOOST_TEST(service.asked().size() == 1U);
  const auto is_given_up = [&service] {
    return service.asked().back() == "DELETE /archive/key?uploadId=7";
  };
  BOOST_TEST((try_with(what, {begun, refusal, done}).error().code == forbidden));
  BOOST_TEST(is_given_up());
  BOOST_TEST((try_with(what, {begun, taken, refusal, done}).error().code == forbidden));
  BOOST_TEST(is_given_up());
  auto changed = what;
  changed.sha256 = Digest::of("x");
  BOOST_TEST((try_with(changed, {begun, taken, done}).error().code == corrupt));
  BOOST_TEST(is_given_up());
  auto shorter = what;
  ++shorter.size_bytes;
  BOOST_TEST((try_with(shorter, {begun, done}).error().code == corrupt));
  BOOST_TEST(is_given_up());
}

// -- a copy within the bucket

BOOST_AUTO_TEST_CASE(a_copy_is_one_when_it_is_there_with_its_size) {
  ScriptedService service;
  const auto copied = xml_answer("<CopyObjectResult/>");
  service.say({copied, head_answer(4)});
  BOOST_TEST(copy(service.bucket, "key", "other", 4, {}).has_value());
  service.say({copied, head_answer(3)});
  BOOST_TEST((copy(service.bucket, "key", "other", 4, {}).error().code == corrupt));
  service.say({copied});
  BOOST_TEST((copy(service.bucket, "key", "other", 4, {}).error().code == forbidden));
  service.say({xml_answer("<Error><Code>InternalError</Code></Error>")});
  BOOST_TEST((copy(service.bucket, "key", "other", 4, {}).error().code == unavailable));
}

BOOST_AUTO_TEST_CASE(a_copy_in_parts_that_fails_anywhere_is_given_up) {
  ScriptedService service;
  const S3PartSizes sizes{.copied_at_once_bytes = 0};
  const auto try_with = [&](std::deque<std::string> answers) {
    service.say(std::move(answers));
    return copy(service.bucket, "key", "other", 4, sizes);
  };
  const auto part = part_answer("bytes 0-3/4", "1234");
  const auto completed = xml_answer("<CompleteMultipartUploadResult/>");
  BOOST_TEST(try_with({begun, part, taken, completed, head_answer(4)}).has_value());
  BOOST_TEST((try_with({}).error().code == forbidden));
  BOOST_TEST(service.asked().size() == 1U);
  const auto is_given_up = [&service] {
    return service.asked().back() == "DELETE /archive/other?uploadId=7";
  };
  BOOST_TEST((try_with({begun, refusal, done}).error().code == forbidden));
  BOOST_TEST(is_given_up());
  BOOST_TEST((try_with({begun, part, refusal, done}).error().code == forbidden));
  BOOST_TEST(is_given_up());
  BOOST_TEST((try_with({begun, part, taken, refusal, done}).error().code == forbidden));
  BOOST_TEST(is_given_up());
  {
    const NoRoom no_room;
    BOOST_TEST((try_with({begun, part, done}).error().code == unavailable));
  }
  BOOST_TEST(is_given_up());
}

BOOST_AUTO_TEST_CASE(a_copy_in_parts_without_a_place_for_a_part_is_given_up) {
  ScriptedService service;
  const TemporaryFolder folder;
  const TemporaryFiles nowhere(folder.path() / "absent");
  service.say({begun, done});
  BOOST_TEST(!copy(service.bucket, "key", "other", 4, {.copied_at_once_bytes = 0}).has_value());
  BOOST_TEST(service.asked().back() == "DELETE /archive/other?uploadId=7");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage
