#pragma once

#include <array>
#include <string_view>

namespace khochung {

/// A sentence that a person may read, in both languages.
struct Sentence {
  std::string_view key;
  std::string_view vi;
  std::string_view en;
};

/// Every sentence about failures and verdicts, by key. First those of the error codes, then
/// reasons. Rule: what happened, what is safe, what to do now; no codes, no blame.
inline constexpr auto sentences = std::to_array<Sentence>({
    {"bad_input", "Yêu cầu có chỗ chưa đúng nên chưa làm được. Không có gì bị thay đổi.",
     "Something in the request is not right, so nothing was changed."},
    {"unauthenticated", "Anh chị cần đăng nhập để làm việc này.", "Please sign in to do this."},
    {"forbidden", "Tài khoản của anh chị chưa có quyền làm việc này.",
     "Your account may not do this."},
    {"not_found",
     "Không thấy trang hoặc tư liệu này. Có thể địa chỉ đã đổi; xin tìm lại bằng ô tìm kiếm.",
     "This page or material was not found. The address may have changed; please search for it."},
    {"gone", "Tư liệu này đã được thu hồi.", "This material has been withdrawn."},
    {"deleted", "Tư liệu này đã được xóa khỏi kho.", "This material has been deleted."},
    {"conflict", "Việc này không hợp với trạng thái hiện tại. Xin tải lại trang rồi thử lại.",
     "This does not fit the present state. Please reload and try again."},
    {"precondition_failed",
     "Có người vừa sửa tư liệu này. Xin tải lại để thấy bản mới rồi sửa tiếp.",
     "Someone has just changed this material. Please reload to see the newer version."},
    {"precondition_required",
     "Xin cho biết đang sửa bản nào (If-Match với ETag của tư liệu), để không ghi đè lên bản của "
     "người khác.",
     "Please say which revision this changes (If-Match with the material's ETag), so that nobody's "
     "work is overwritten."},
    {"too_large", "Nội dung gửi lên lớn hơn mức cho phép.",
     "What was sent is larger than allowed."},
    {"range_not_satisfiable", "Phần được hỏi nằm ngoài tệp.",
     "The requested part lies outside the file."},
    {"unsupported", "Kho chưa đọc được loại nội dung này.",
     "The archive does not read this kind of content yet."},
    {"corrupt", "Tệp trong kho không còn khớp với mã kiểm tra. Xin báo người quản trị.",
     "A stored file no longer matches its digest. Please tell the administrator."},
    {"locked", "Kho dữ liệu đang do một lệnh khác dùng. Xin đợi lệnh đó xong rồi thử lại.",
     "Another command is using this data folder. Please wait for it and try again."},
    {"unavailable", "Kho đang bận, xin thử lại sau ít phút. Không có gì bị mất.",
     "The archive is busy, please try again in a few minutes. Nothing was lost."},
    {"disk_full",
     "Ổ đĩa của kho đã đầy nên chưa nhận thêm được. Tài liệu đã có vẫn đọc được bình thường.",
     "The archive's disk is full, so nothing more can be taken in. What is there can still be "
     "read."},
    {"internal",
     "Kho gặp lỗi bất ngờ. Không có gì bị mất; xin báo số yêu cầu này cho người quản trị.",
     "Something unexpected went wrong. Nothing was lost; please tell the administrator this "
     "request's number."},
    {"store_refused",
     "Hệ điều hành không cho kho dùng thư mục dữ liệu (quyền tệp, hoặc ổ đĩa chỉ đọc). Không có gì "
     "bị mất; xin báo người quản trị kiểm tra thư mục đó.",
     "The operating system does not let the archive use its data folder (permissions, or a "
     "read-only disk). Nothing was lost; please have the administrator look at that folder."},

    {"upload_offset",
     "Tệp đang gửi dừng ở chỗ khác với chỗ vừa gửi tiếp. Xin hỏi lại (HEAD) rồi gửi từ chỗ kho đã "
     "nhận; phần đã nhận vẫn còn.",
     "The upload stands at another byte than the one that was sent. Please ask (HEAD) and go on "
     "from there; what has come is kept."},
    {"upload_not_whole", "Tệp chưa gửi xong. Xin gửi nốt phần còn lại rồi làm lại bước này.",
     "The file has not come whole. Please send the rest, then try this again."},
    {"upload_taking", "Kho đang cất tệp này. Xin đợi một lát rồi hỏi lại.",
     "The archive is just taking this file in. Please ask again in a moment."},
    {"upload_refused", "Kho không nhận tệp này, nên việc gửi nó đã dừng.",
     "This file was refused, so its upload has ended."},
    {"upload_too_large", "Tệp lớn hơn mức một lần gửi cho phép. Không có gì được gửi.",
     "The file is larger than an upload may be. Nothing was sent."},
    {"upload_too_long", "Phần gửi lên dài hơn tệp đã báo lúc đầu. Phần thừa không được nhận.",
     "More was sent than the file was said to have. The rest was not taken."},
    {"unit_quota",
     "Đơn vị đang gửi dở quá nhiều. Xin đợi các tệp kia gửi xong, hoặc bỏ bớt, rồi gửi tiếp.",
     "The unit has too much under way. Please let those files end, or remove some, then go on."},
    {"too_many_uploads",
     "Tài khoản đang gửi dở quá nhiều tệp. Xin gửi xong hoặc bỏ bớt rồi gửi tiếp.",
     "Too many files of this account are under way. Please finish or remove some, then go on."},
    {"upload_length",
     "Xin cho biết độ dài của tệp (Upload-Length) và chỗ gửi tiếp (Upload-Offset) bằng số.",
     "Please give the file's length (Upload-Length) and where it goes on (Upload-Offset) as "
     "numbers."},
    {"upload_metadata",
     "Thông tin kèm theo tệp (Upload-Metadata) không đọc được, hoặc thiếu tên tệp (filename).",
     "What was said of the file (Upload-Metadata) cannot be read, or its name (filename) is "
     "missing."},
    {"upload_media_type",
     "Phần của tệp phải gửi với Content-Type: application/offset+octet-stream.",
     "A part of a file is sent with Content-Type: application/offset+octet-stream."},
    {"tus_version", "Kho nói giao thức tus 1.0.0 (Tus-Resumable: 1.0.0).",
     "The archive speaks tus 1.0.0 (Tus-Resumable: 1.0.0)."},
    {"checksum_unknown",
     "Mã kiểm tra (Upload-Checksum) không đọc được; kho biết sha256, sha512, sha1 và md5.",
     "The checksum (Upload-Checksum) cannot be read; sha256, sha512, sha1 and md5 are known."},
    {"checksum_mismatch",
     "Phần vừa nhận không khớp mã kiểm tra, có thể do đường truyền. Phần đó không được giữ; xin "
     "gửi "
     "lại.",
     "What arrived does not match its checksum; the line may have changed it. It was not kept; "
     "please send it again."},

    {"selection_size",
     "Một lần tải được từ 1 đến 100 tư liệu, tất cả không quá 20 GB. Xin lọc bớt rồi tải lại.",
     "One download takes 1 to 100 materials of at most 20 GB in all. Please narrow it and try "
     "again."},
    {"too_many_requests",
     "Máy của anh chị vừa hỏi kho quá nhiều lần trong một lúc. Xin đợi vài giây rồi làm tiếp; "
     "không "
     "có gì bị mất.",
     "Your network has asked too much in a short time. Please wait a few seconds, then go on; "
     "nothing was lost."},

    {"newer_folder",
     "Kho này do phiên bản mới hơn của chương trình tạo ra, nên phiên bản này không mở. Không có "
     "gì bị "
     "thay đổi; hãy dùng phiên bản mới.",
     "This archive was written by a newer version of the program, so this one does not open it. "
     "Nothing "
     "was changed; please use the newer version."},
    {"needs_rebuild",
     "Kho còn nguyên nhưng mục lục không còn. Hãy chạy “khochung rebuild” để dựng lại mục lục từ "
     "kho.",
     "The store is whole but its catalogue is gone. Please run “khochung rebuild” to bring it back "
     "from the store."},
    {"unfinished_restore",
     "Việc khôi phục vào thư mục này chưa xong. Hãy chạy lại “khochung restore” với cùng bản sao "
     "lưu.",
     "The restore into this folder has not come to its end. Please run “khochung restore” again "
     "with the same backup."},
    {"not_empty", "Khôi phục cần một thư mục trống. Không có gì bị thay đổi.",
     "A restore needs an empty folder. Nothing was changed."},
    {"no_backup", "Không thấy bản sao lưu trọn vẹn nào ở đó.", "No whole backup was found there."},
    {"another_archive",
     "Nơi này đang giữ bản sao lưu của một kho khác. Xin chọn nơi khác; không có gì bị thay đổi.",
     "This place holds backups of another archive. Please choose another one; nothing was "
     "changed."},
    {"backup_damaged",
     "Bản sao lưu này có chỗ hỏng hoặc thiếu. Hãy dùng bản sao lưu thứ hai, rồi sao lưu lại.",
     "Something in this backup is damaged or missing. Please use the second set, then back up "
     "anew."},
    {"damaged_database",
     "Mục lục hoặc danh sách tài khoản trên đĩa bị hỏng; các tệp trong kho không bị ảnh hưởng. Hãy "
     "chạy "
     "“khochung rebuild” để dựng lại mục lục; accounts.sqlite thì lấy lại từ bản sao lưu.",
     "The catalogue or the list of accounts is damaged on the disk; the files of the store are not "
     "affected. Please run “khochung rebuild” to bring the catalogue back; accounts.sqlite comes "
     "back "
     "from a backup."},
    {"reason_missing", "Xin ghi lý do. Chưa có gì bị thay đổi.",
     "Please give a reason. Nothing was changed."},
    {"held", "Tư liệu này đang được giữ lại (có lệnh giữ) nên không xóa được.",
     "This material is on hold and cannot be deleted."},
    {"two_persons",
     "Việc này cần hai người khác nhau: người đề nghị hoặc thẩm định không được tự phê duyệt.",
     "This needs two different persons: whoever asked or appraised may not approve."},
    {"document_missing",
     "Bước này cần một văn bản kèm theo (biên bản, ý kiến thẩm định, quyết định). Chưa có gì bị "
     "thay đổi.",
     "This step needs a document (appraisal, approval or minutes). Nothing was changed."},
    {"share_expiry", "Đường dẫn gửi riêng phải có hạn, từ 1 đến 366 ngày. Chưa tạo đường dẫn nào.",
     "A private link needs an end, within 1 to 366 days. No link was made."},
    {"share_recipient",
     "Tư liệu này chưa mở cho mọi người. Xin ghi tên người nhận. Chưa tạo đường dẫn nào.",
     "This material is not open to everybody. Please name who gets it. No link was made."},
    {"share_taken_out",
     "Tư liệu này đã thu hồi, đã xóa hoặc đang bị cách ly nên không gửi riêng được.",
     "This material was withdrawn, deleted or set aside, so it cannot be sent by a private link."},
    {"share_kit_unpublished",
     "Bộ tài liệu này chưa có bản nào công bố. Xin công bố trước khi gửi riêng.",
     "No version of this kit was published yet. Please publish before sending it privately."},
    {"mail_address", "Địa chỉ thư chưa đúng. Xin viết như ten@example.vn. Chưa gửi gì.",
     "This is no mail address. Please write it like name@example.vn. Nothing was sent."},
    {"mail_unset",
     "Kho này chưa đặt máy chủ thư nên không gửi thư báo được. Bản tin Atom của bộ vẫn báo đính "
     "chính.",
     "This archive has no mail server, so it sends no notices. The kit's Atom feed tells of "
     "corrections, too."},
    {"mail_server_address",
     "Mục [mail] trong config.toml: server phải là smtp://MÁY[:CỔNG] hoặc smtps://MÁY[:CỔNG].",
     "[mail] in config.toml: server must be smtp://HOST[:PORT] or smtps://HOST[:PORT]."},
    {"mail_incomplete",
     "Mục [mail] trong config.toml phải có server và from; user và password_file đi cùng nhau.",
     "[mail] in config.toml needs server and from; user and password_file go together."},
    {"mail_password_file",
     "Không đọc được tệp mật khẩu của [mail], hoặc tệp ấy trống. Mật khẩu là dòng đầu của tệp.",
     "The password file of [mail] cannot be read or is empty. The password is its first line."},
    {"mail_needs_origin",
     "Có [mail] thì phải đặt địa chỉ công khai của kho ([server] origin hoặc --origin), vì thư có "
     "đường dẫn về kho.",
     "With [mail] the archive's public address must be set ([server] origin or --origin): mails "
     "have links to it."},
    {"mail_server",
     "Chưa gửi được: máy chủ thư không trả lời, không cho đăng nhập hoặc không đúng là máy ấy.",
     "Not sent: the mail server does not answer, refuses the sign-in or is not the one it should "
     "be."},
    {"mail_later", "Máy chủ thư chưa nhận thư này lúc này. Xin thử lại sau.",
     "The mail server does not take this mail at present. Please try again later."},
    {"mail_refused", "Máy chủ thư không nhận thư đến địa chỉ này.",
     "The mail server takes no mail for this address."},
    {"notice_kit_unpublished", "Bộ tài liệu này chưa công bố nên chưa có gì để báo.",
     "This kit is not published, so there is nothing to tell of."},
    {"notice_too_many",
     "Từ mạng của anh chị hôm nay đã có nhiều lần đăng ký nhận tin. Xin thử lại ngày mai.",
     "Your network has asked for notices many times today. Please try again tomorrow."},
    {"notice_link_over",
     "Đường dẫn này đã dùng rồi hoặc đã hết hạn. Nếu vẫn muốn nhận tin, xin đăng ký lại từ trang "
     "của bộ tài liệu.",
     "This link was used already or has expired. To get notices, please ask again on the kit's "
     "page."},
    {"kit_untitled", "Bộ tài liệu cần có tên. Chữ anh chị đã gõ còn ở đây; chưa có gì được lưu.",
     "The kit needs a title. What you typed is still here; nothing was saved yet."},
    {"kit_empty",
     "Bộ này chưa có thông cáo hay tư liệu nào nên chưa công bố được. Xin thêm nội dung rồi công "
     "bố.",
     "This kit has neither a release nor a material yet. Please add something, then publish."},
    {"kit_note_missing",
     "Bản mới cần một câu nói rõ đính chính điều gì, để báo chí biết. Chưa có gì bị thay đổi.",
     "A new version needs a sentence that tells the press what was corrected. Nothing was "
     "changed."},
    {"kit_item_closed",
     "Một tư liệu trong bộ chưa công bố hoặc không dành cho những người sẽ nhận bộ này. Xin bỏ tư "
     "liệu "
     "đó ra, hoặc đổi phạm vi xem của nó. Chưa có gì được công bố.",
     "A material of this kit is not published, or not meant for those who will receive the kit. "
     "Please take it out or change who may see it. Nothing was published."},
    {"kit_item_gone",
     "Bộ này đang được sửa vì một tư liệu trong đó không còn được phổ biến. Xin quay lại sau, hoặc "
     "liên hệ đơn vị phát hành.",
     "This kit is being corrected: a material in it is no longer available. Please come back "
     "later, "
     "or contact the unit that issued it."},
    {"kit_damaged",
     "Một tệp trong bộ đang hỏng nên chưa gửi bộ này được. Các tệp khác vẫn còn; xin báo người "
     "quản "
     "trị.",
     "A file of this kit is damaged, so the kit is not sent. The other files are there; please "
     "tell "
     "the administrator."},
    {"kit_unpublished", "Bộ tài liệu báo chí được công bố thành từng bản. Xin dùng nút Công bố.",
     "A press kit is published as a version. Please use Publish."},
    {"not_due", "Tư liệu này chưa hết thời hạn bảo quản nên chưa được tiêu hủy.",
     "This material's retention period is not over, so it may not be destroyed yet."},
    {"disposed", "Tư liệu này đã được tiêu hủy theo hồ sơ tiêu hủy. Mô tả và mã kiểm tra vẫn còn.",
     "This material was destroyed under a disposal list. Its description and digests remain."},
    {"erased",
     "Nội dung này đã được xóa theo quy định về dữ liệu cá nhân. Chỉ còn lại mã kiểm tra và căn "
     "cứ.",
     "This content was erased under the rules on personal data. Only its digests and the ground "
     "remain."},
    {"erasure_asked", "Đề nghị xóa dữ liệu cá nhân", "Erasure of personal data was asked for"},
    {"parts_remain", "Tư liệu này gồm nhiều phần đã tách ra. Xin xóa các phần đó trước.",
     "This material has parts that were taken out of it. Please erase those first."},
    {"not_asked", "Chưa có ai đề nghị xóa tư liệu này.",
     "Nobody has asked to erase this material."},
    {"trail_document", "Đưa vào hồ sơ tiêu hủy hoặc xóa dữ liệu",
     "Made part of the paper trail of a disposal or erasure"},
    {"retention_edited", "Sửa bảng thời hạn bảo quản", "The retention table was edited"},
    {"disposal_begun", "Lập danh mục tài liệu hết giá trị", "A disposal list was begun"},
    {"bytes_gone",
     "Tệp của bản này đã được hủy theo thời hạn lưu nên không khôi phục được. Mô tả vẫn còn.",
     "The files of this version were destroyed when their time was over, so it cannot be restored. "
     "Its description is still there."},
    {"empty_file", "Tệp này rỗng (0 byte) nên chưa được lưu. Xin kiểm tra lại tệp gốc.",
     "This file is empty (0 bytes), so it was not stored. Please check the original."},
    {"encrypted_pdf", "Tệp PDF này cần mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi nạp lại.",
     "This PDF needs a password and cannot be read. Please remove the password and add it again."},
    {"encrypted_archive", "Tệp nén này cần mật khẩu nên chưa mở được. Hãy bỏ mật khẩu rồi nạp lại.",
     "This archive needs a password. Please remove it and add the file again."},
    {"encrypted_document", "Tệp này cần mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi nạp lại.",
     "This file needs a password and cannot be read. Please remove the password and add it "
     "again."},
    {"damaged_file",
     "Tệp này bị hỏng hoặc bị cắt cụt nên không đọc được. Hãy mở thử tệp gốc, rồi nạp lại bản mở "
     "được.",
     "This file is damaged or cut short and cannot be read. Please try to open the original, and "
     "add a copy that opens."},
    {"picture_too_large",
     "Ảnh này quá lớn (trên 128 triệu điểm ảnh) nên không đọc và không dựng bản xem được. Hãy nạp "
     "thêm một bản nhỏ hơn.",
     "This picture is too large (over 128 million pixels) to be read or shown. Please add a "
     "smaller "
     "copy, too."},
    {"too_many_parts", "Tệp nén này có quá nhiều tệp hoặc bung ra quá lớn nên không được mở.",
     "This archive holds too many files or unpacks too large, so it was not opened."},
    {"sheet_too_large",
     "Trang tính này có quá nhiều dòng, cột hoặc chữ. Hãy chia thành các tệp nhỏ hơn (mỗi tệp "
     "nhiều "
     "nhất 200.000 dòng, 256 cột).",
     "This sheet has too many rows, columns or letters. Please split it into smaller files (at "
     "most "
     "200,000 rows and 256 columns each)."},
    {"worker_stopped",
     "Đọc tệp này quá lâu hoặc quá nặng nên kho phải dừng. Hãy thử chia nhỏ tệp rồi nạp lại.",
     "Reading this file took too long or too much, so it was stopped. Please try to split the file "
     "and add it again."},
    {"worker_unusable",
     "Bộ đọc loại tệp này không chạy được trên máy chủ. Xin báo người quản trị chạy “khochung "
     "doctor”.",
     "The reader for this kind of file does not run on this server. Please ask the administrator "
     "to run “khochung doctor”."},
    {"unreadable_file", "Không mở được tệp này để đọc (thiếu quyền hoặc lỗi ổ đĩa).",
     "This file could not be opened for reading (permission or disk error)."},
    {"changed_while_read",
     "Tệp này thay đổi trong lúc đang nạp nên chưa được nhận. Xin nạp lại khi tệp đã yên.",
     "This file changed while it was being read, so it was not taken in. Please add it again once "
     "it is at rest."},
    {"bad_name", "Tên tệp này không dùng được (quá dài, có ký tự cấm hoặc mã chữ hỏng).",
     "This file name cannot be used (too long, forbidden characters or broken encoding)."},
    {"quarantined",
     "Tệp này có dấu chỉ độ mật (MẬT, TỐI MẬT hoặc TUYỆT MẬT) nên được cách ly: không đưa vào tìm "
     "kiếm, không ai xem được. Xin báo người phụ trách bảo mật.",
     "This file carries a state-secret mark, so it was put in quarantine: it is not searchable and "
     "nobody can view it. Please tell the person in charge of secrets."},
    {"unknown_unit", "Không có đơn vị này trong danh sách.", "There is no such unit in the list."},
    {"unknown_concept",
     "Có một mã không nằm trong danh mục (chủ đề, đối tượng, kênh hoặc hình thức). Các mã đang "
     "dùng "
     "có ở trang Danh mục từ.",
     "One of the ids of themes, audiences, channels or forms is in no vocabulary. The page "
     "Vocabularies lists those in use."},
    {"unit_name_twice", "Có nhiều đơn vị cùng tên này. Xin ghi mã đơn vị.",
     "Several units have this name. Please give the unit's code."},
    {"unit_closed", "Đơn vị này đã kết thúc trước ngày đó. Xin chọn đơn vị kế tục.",
     "This unit has ended by that day. Please choose the one that followed it."},
    {"unit_moved",
     "Đã có quyết định chuyển đơn vị này vào ngày đó hoặc sau đó. Xin chọn ngày muộn hơn.",
     "It is already decided that this unit moves on that day or later. Please choose a later day."},
    {"unit_circle", "Một đơn vị không thể đứng dưới chính mình hoặc dưới đơn vị cấp dưới của mình.",
     "A unit cannot stand beneath itself or beneath one of its own units."},
    {"unit_is_root", "Đơn vị cao nhất không thể đóng hay nhập vào đơn vị khác.",
     "The top unit can neither close nor go into another."},
    {"bad_manifest", "Bảng kê có dòng chưa đúng. Xin sửa rồi chạy lại.",
     "A row of the manifest is not right. Please correct it and run again."},
    {"bad_package",
     "Gói này không nguyên vẹn nên chưa nhận gì. Xin chạy khochung check để thấy từng lỗi.",
     "This package is not sound, so nothing of it was taken. Please run khochung check to see each "
     "fault."},
    {"wrong_password", "Tên hoặc mật khẩu chưa đúng.", "The name or the password is not right."},
    {"short_password", "Mật khẩu cần ít nhất 8 ký tự. Xin chọn mật khẩu dài hơn.",
     "A password needs at least 8 characters. Please choose a longer one."},
    {"common_password",
     "Mật khẩu này quá dễ đoán. Xin chọn một câu dài, chẳng hạn bốn năm từ không liên quan.",
     "This password is too easy to guess. Please choose a long phrase, such as four or five words "
     "that have nothing to do with each other."},
    {"name_taken", "Đã có tài khoản mang tên này. Xin chọn tên khác.",
     "There is already an account of this name. Please choose another."},
    {"account_idle",
     "Tài khoản đã lâu không dùng nên đã đóng. Xin nhờ người quản trị gửi liên kết đặt mật khẩu "
     "mới.",
     "This account was not used for long and is closed. Please ask an administrator for a link to "
     "set a new password."},
    {"account_over",
     "Tài khoản này đã hết hạn. Nhà báo xin gửi đề nghị mới ở trang dành cho báo chí; cán bộ xin "
     "đăng nhập bằng tài khoản chung hoặc hỏi người quản trị.",
     "This account has ended. Journalists please send another request on the page for the press; "
     "officers sign in by the shared account, or ask an administrator."},
    {"grant_to_oneself", "Không ai tự giao vai trò cho mình. Xin nhờ người quản trị khác.",
     "Nobody gives a role to himself. Please ask another administrator."},
    {"grant_there", "Tài khoản này đã có vai trò ấy tại đơn vị ấy.",
     "The account has this role at that unit already."},
    {"grant_end",
     "Thời hạn chưa đúng: việc ủy quyền kết thúc trong vòng 92 ngày; quyền quản trị không ủy quyền "
     "có hạn.",
     "The end is not right: a delegation ends within 92 days, and administration is not delegated "
     "until a day."},
    {"review_embargo", "Giờ công bố chưa đúng. Xin chọn ngày và giờ trong tương lai.",
     "The embargo is not right. Please choose a day and time to come."},
    {"last_administrator",
     "Không còn ai khác quản trị đơn vị này. Xin giao quyền quản trị cho người khác trước.",
     "Nobody else administers this unit. Please make somebody else its administrator first."},
    {"address_link_over", "Đường dẫn này đã dùng rồi hoặc đã hết hạn. Xin gửi lại yêu cầu từ đầu.",
     "This link was used before or is over. Please ask again from the beginning."},
    {"name_missing", "Xin ghi tên tài khoản hoặc địa chỉ thư.",
     "Please give the name of the account or the mail address."},
    {"accreditation_incomplete", "Xin ghi họ tên và cơ quan báo chí.",
     "Please give your name and your newsroom."},
    {"accreditation_text", "Có ô quá dài. Xin ghi ngắn hơn.",
     "One of the fields is too long. Please be shorter."},
    {"accreditation_end", "Thẻ có hiệu lực nhiều nhất 366 ngày kể từ hôm nay. Xin chọn ngày khác.",
     "An accreditation ends within 366 days from now. Please choose another day."},
    {"accreditation_decided", "Đề nghị này đã có người xử lý. Xin tải lại trang.",
     "Somebody has decided on this request. Please load the page again."},
    {"data_request_incomplete", "Xin ghi họ tên và dữ liệu nào.",
     "Please give your name, and say which data."},
    {"data_request_answered", "Yêu cầu này đã có người trả lời. Xin tải lại trang.",
     "Somebody has answered this request. Please load the page again."},
    {"too_many_attempts", "Đăng nhập sai quá nhiều lần. Xin đợi ít phút rồi thử lại.",
     "Too many failed sign-ins. Please wait a few minutes and try again."},
    {"wrong_code", "Mã chưa đúng hoặc đã dùng rồi. Xin đợi mã mới rồi nhập lại.",
     "The code is not right or was used before. Please wait for a new one and try again."},
    {"code_needed", "Tài khoản này cần thêm mã của bước thứ hai để đăng nhập.",
     "This account needs the code of its second step, too, to sign in."},
    {"sign_in_again", "Đã quá lâu hoặc sai quá nhiều lần. Xin đăng nhập lại từ đầu.",
     "It took too long or too many tries. Please sign in from the beginning."},
    {"account_disabled", "Tài khoản này đã bị khóa. Xin hỏi người quản trị kho của đơn vị.",
     "This account is locked. Please ask your unit's administrator of the archive."},
    {"provider_away",
     "Nơi đăng nhập chung chưa trả lời. Xin thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu của "
     "kho nếu có.",
     "The shared sign-in does not answer. Please try again in a few minutes, or use a password of "
     "the archive if you have one."},
    {"provider_busy", "Nhiều người đang đăng nhập cùng lúc. Xin bấm đăng nhập lại sau vài giây.",
     "Many people are signing in at once. Please try again in a few seconds."},
    {"provider_refused",
     "Nơi đăng nhập chung chưa cho đăng nhập. Xin thử lại; nếu vẫn vậy, xin báo người quản trị "
     "kho.",
     "The shared sign-in did not let you in. Please try again; if it stays so, tell the "
     "administrator of the archive."},
    {"provider_cancelled", "Anh chị đã dừng việc đăng nhập. Muốn vào kho, xin bấm đăng nhập lại.",
     "You stopped signing in. To come in, please sign in again."},
    {"provider_answer",
     "Câu trả lời của nơi đăng nhập chung không đúng nên kho không nhận. Xin đăng nhập lại từ đầu; "
     "nếu vẫn vậy, xin báo người quản trị kho.",
     "The answer of the shared sign-in is not right and was not taken. Please sign in from the "
     "beginning; if it stays so, tell the administrator of the archive."},
    {"provider_start_again",
     "Lần đăng nhập này đã quá lâu hoặc bắt đầu ở trình duyệt khác. Xin đăng nhập lại từ đầu.",
     "This sign-in took too long or began in another browser. Please sign in from the beginning."},
    {"provider_no_right",
     "Tài khoản của anh chị ở nơi đăng nhập chung chưa có quyền nào trong kho. Xin hỏi người quản "
     "trị kho của đơn vị.",
     "Your account of the shared sign-in has no right in the archive yet. Please ask your unit's "
     "administrator of the archive."},
    {"identity_taken",
     "Tài khoản chung ấy đã nối với một tài khoản khác của kho. Chưa có gì thay đổi.",
     "That shared account is linked with another account of the archive. Nothing was changed."},
    {"identity_only_way",
     "Đây là cách đăng nhập duy nhất của anh chị. Xin đặt mật khẩu trước rồi mới bỏ nối.",
     "This is your only way to sign in. Please set a password first, then unlink."},
    {"needs_fresh_sign_in",
     "Việc này cần anh chị vừa mới đăng nhập. Xin đăng nhập lại rồi làm trong vòng mười phút.",
     "For this you must have signed in just now. Please sign in again and do it within ten "
     "minutes."},
    {"grant_of_provider",
     "Quyền này do nơi đăng nhập chung trao nên không bỏ được ở đây. Xin đổi ở nơi ấy.",
     "This right comes from the shared sign-in and cannot be ended here. Please change it there."},
    {"second_step_is_on", "Bước thứ hai đang bật. Muốn đổi điện thoại, xin tắt rồi bật lại.",
     "The second step is on. To change the telephone, please turn it off and on again."},
    {"passwords_differ", "Hai lần nhập mật khẩu mới không giống nhau. Chưa có gì thay đổi.",
     "The new password was not the same both times. Nothing was changed."},
    {"read_token", "Mã API này chỉ được đọc. Không có gì bị thay đổi.",
     "This API token may only read. Nothing was changed."},
    {"needs_session", "Việc này phải do chính anh chị đăng nhập rồi làm, không qua mã API.",
     "Only you yourself may do this, signed in, not by an API token."},
    {"token_expiry", "Mã API phải có hạn, nhiều nhất một năm. Chưa tạo mã nào.",
     "An API token needs an end, within a year. No token was made."},
    {"csrf", "Trang này đã mở quá lâu. Xin tải lại trang rồi gửi lại.",
     "This page has been open too long. Please reload it and send again."},
    {"length_required", "Yêu cầu phải nói trước độ dài (Content-Length).",
     "The request must state its length (Content-Length)."},
    {"method_not_allowed", "Địa chỉ này không nhận cách gọi đó.",
     "This address does not take that kind of request."},
    {"method_unknown", "Kho không biết cách gọi này.", "The archive does not know this method."},
    {"bad_framing", "Yêu cầu HTTP này không rõ ràng nên không được nhận. Không có gì bị thay đổi.",
     "This HTTP request is ambiguous and was not taken. Nothing was changed."},
    {"unexpected_body", "Địa chỉ này không nhận nội dung gửi kèm.",
     "This address takes no content with the request."},
    {"encoded_body", "Kho không nhận nội dung đã nén trên đường gửi (Content-Encoding).",
     "The archive does not take content that was encoded for sending (Content-Encoding)."},
    {"target_too_long", "Địa chỉ này quá dài. Xin rút ngắn câu tìm kiếm.",
     "This address is too long. Please shorten the search."},
    {"head_too_large", "Phần đầu của yêu cầu quá lớn. Xin xóa cookie của trang này rồi thử lại.",
     "The head of the request is too large. Please delete this site's cookies and try again."},
    {"expectation_unknown", "Kho chỉ hiểu Expect: 100-continue.",
     "The archive understands no Expect but 100-continue."},
    {"version_unknown", "Kho chỉ nói HTTP/1.0 và HTTP/1.1.",
     "The archive speaks HTTP/1.0 and HTTP/1.1 alone."},
    {"too_slow", "Đường truyền quá chậm nên yêu cầu chưa gửi xong. Xin thử lại.",
     "The connection was too slow and the request did not arrive whole. Please try again."},
    {"searched_without_marks", "Gõ đúng dấu thì ít kết quả, nên kho tìm cả những từ khác dấu.",
     "Few results have exactly these marks, so words with other marks were searched too."},
    {"searched_some_words",
     "Không có tư liệu nào chứa đủ các từ; dưới đây là những tư liệu gần nhất.",
     "Nothing has all of these words; here is what comes nearest."},

    // What an examination of the audit log found. The numbers go where the braces are.
    {"audit_intact",
     "Nhật ký còn nguyên vẹn: đủ {entries} mục, không mục nào bị sửa, thiếu hay đổi chỗ.",
     "The audit log is whole: all {entries} entries are there, none changed, missing or moved."},
    {"audit_cut",
     "Nhật ký bị cắt ngang ở mục {seq} (tệp {file}, dòng {line}). Xin báo người quản trị đối chiếu "
     "với bản sao lưu.",
     "The audit log is cut off within entry {seq} (file {file}, line {line}). Please ask the "
     "administrator to compare it with the backup."},
    {"audit_no_entry",
     "Mục {seq} của nhật ký không còn đọc được (tệp {file}, dòng {line}). Xin báo người quản trị "
     "đối chiếu với bản sao lưu.",
     "Entry {seq} of the audit log can no longer be read (file {file}, line {line}). Please ask "
     "the administrator to compare it with the backup."},
    {"audit_out_of_order",
     "Mục {seq} của nhật ký không ở đúng chỗ: có mục bị xóa, lặp lại hoặc đổi chỗ (tệp {file}, "
     "dòng "
     "{line}). Xin báo người quản trị đối chiếu với bản sao lưu.",
     "Entry {seq} of the audit log is not in its place: entries were removed, repeated or moved "
     "(file {file}, line {line}). Please ask the administrator to compare it with the backup."},
    {"audit_changed",
     "Mục {seq} của nhật ký đã bị sửa (tệp {file}, dòng {line}). Xin báo người quản trị đối chiếu "
     "với bản sao lưu.",
     "Entry {seq} of the audit log was changed (file {file}, line {line}). Please ask the "
     "administrator to compare it with the backup."},
    {"audit_misplaced",
     "Mục {seq} của nhật ký nằm ở tệp khác với tệp của nó (tệp {file}, dòng {line}): tệp bị đổi "
     "tên "
     "hoặc mục bị chuyển đi. Xin báo người quản trị.",
     "Entry {seq} of the audit log lies in another file than its own (file {file}, line {line}): a "
     "file was renamed or an entry moved. Please tell the administrator."},
    {"audit_stray_file",
     "Trong nhật ký có tệp lạ {file}. Xin báo người quản trị xem tệp từ đâu đến rồi chuyển đi nơi "
     "khác.",
     "A strange file {file} lies in the audit log. Please ask the administrator where it comes "
     "from, and to move it elsewhere."},
    {"audit_tail_missing",
     "Phần cuối của nhật ký bị mất, từ mục {seq}. Xin báo người quản trị lấy lại từ bản sao lưu.",
     "The end of the audit log is missing, from entry {seq} on. Please ask the administrator to "
     "bring it back from the backup."},
    {"audit_checkpoint",
     "Dấu xác nhận của nhật ký ở dòng {line} tệp {file} không thật hoặc đã bị sửa. Xin báo người "
     "quản trị đối chiếu với bản sao lưu.",
     "The checkpoint of the audit log in line {line} of {file} is not genuine or was changed. "
     "Please ask the administrator to compare it with the backup."},
    {"audit_unknown_key",
     "Dấu xác nhận ở dòng {line} tệp {file} được ký bằng khóa mà nhật ký không biết. Xin báo người "
     "quản trị.",
     "The checkpoint in line {line} of {file} is signed with a key that the audit log does not "
     "know. Please tell the administrator."},
    {"audit_key_file",
     "Khóa công khai {file} của nhật ký bị mất hoặc bị thay. Xin báo người quản trị lấy lại từ bản "
     "sao lưu.",
     "The public key {file} of the audit log is missing or was replaced. Please ask the "
     "administrator to bring it back from the backup."},
    {"audit_proven", "Đến mục {proven}, mọi mục đều có chữ ký hoặc mã đã biết bảo chứng.",
     "Up to entry {proven} every entry is vouched for by a signature or a known digest."},
    {"audit_unproven", "Chưa có chữ ký hay mã đã biết nào bảo chứng cho các mục.",
     "No signature or known digest vouches for the entries yet."},
    {"audit_key_unvouched",
     "Từ mục {key_at}, nhật ký được ký bằng một khóa mới mà khóa cũ không bảo chứng. Nếu đơn vị "
     "không thay máy chủ hay mất khóa cũ, xin báo người quản trị.",
     "From entry {key_at} on the audit log is signed with a new key that the old one did not vouch "
     "for. Unless your server was replaced or the old key was lost, please tell the "
     "administrator."},
    {"audit_damaged",
     "Nhật ký trong kho không còn nguyên vẹn nên kho không ghi tiếp. Tài liệu vẫn còn; xin báo "
     "người quản trị chạy “khochung audit verify”.",
     "The audit log is no longer whole, so the archive writes no further. The materials are there; "
     "please ask the administrator to run “khochung audit verify”."},
    {"audit_stopped",
     "Ổ đĩa báo lỗi khi ghi nhật ký nên kho không nhận thay đổi nữa. Tài liệu đã có vẫn còn; xin "
     "báo người quản trị xem ổ đĩa rồi khởi động lại.",
     "The disk failed while the audit log was written, so no more changes are taken. What is there "
     "is safe; please ask the administrator to look at the disk and start again."},

    // What became of a material in a bulk edit, and why an edit was refused.
    {"bulk_changed", "Đã sửa.", "Changed."},
    {"bulk_unchanged", "Vốn đã như vậy.", "It was so already."},
    {"bulk_undone_item", "Đã trả về như trước.", "Taken back."},
    {"bulk_unknown", "Không thấy tư liệu này.", "This material was not found."},
    {"bulk_forbidden", "Tài khoản của anh chị chưa có quyền sửa như vậy với tư liệu này.",
     "Your account may not change this material so."},
    {"bulk_revised", "Có người đã sửa sau đó, nên để nguyên bản mới hơn.",
     "Someone has changed it since, so the newer version was left as it is."},
    {"bulk_bad_input", "Giá trị mới không hợp với tư liệu này.",
     "The new value does not fit this material."},
    {"bulk_conflict", "Không hợp với trạng thái hiện tại của tư liệu.",
     "It does not fit the material's present state."},
    {"bulk_not_reached", "Máy chủ dừng giữa chừng, chưa sửa tư liệu này.",
     "The server stopped before this material was changed."},
    {"bulk_no_change", "Chưa chọn thay đổi nào. Xin điền ít nhất một mục rồi xem trước.",
     "No change was chosen. Please fill in at least one field, then look at the preview."},
    {"bulk_field", "Mục này không sửa hàng loạt được; xin sửa từng tư liệu.",
     "This field cannot be changed for many at once; please change each material by itself."},
    {"bulk_too_many",
     "Mỗi lần sửa được nhiều nhất 1.000 tư liệu. Xin thu hẹp rồi làm thành nhiều lần.",
     "At most 1,000 materials can be changed at once. Please narrow it down and go in several "
     "steps."},
    {"bulk_unseen", "Xin xem trước rồi mới sửa, để không ghi đè lên bản chưa xem.",
     "Please look at the preview first, so that nothing unseen is overwritten."},
    {"bulk_nothing", "Không tư liệu nào thay đổi, nên chưa làm gì.",
     "No material would change, so nothing was done."},
    {"bulk_running", "Đợt sửa này đang được thực hiện. Xin chờ ít phút rồi tải lại trang.",
     "This edit is being worked on. Please wait a moment and reload the page."},
    {"bulk_undone", "Đợt sửa này đã được hoàn tác.", "This edit was undone already."},
    {"concept_wrong",
     "Có khái niệm chưa đúng: mã chỉ gồm chữ thường không dấu, số và dấu gạch dưới, không trùng; "
     "cần tên tiếng Việt; mục cấp trên phải có và không đi vòng. Chưa có gì thay đổi.",
     "A concept is not right: its id has only a-z, 0-9 and underscores and stands once; it needs a "
     "Vietnamese label; its wider one must be there and not go in a circle. Nothing was changed."},
    {"bulk_none_chosen", "Chưa chọn tư liệu nào.", "No material was chosen."},
    {"vocabulary_revised",
     "Có người vừa sửa danh mục này. Những gì anh chị gõ vẫn còn dưới đây; xin xem lại rồi lưu.",
     "Someone has just edited this vocabulary. What you typed is still below; please look again "
     "and "
     "save."},
    {"concept_kept",
     "Không bỏ hẳn được khái niệm, vì tư liệu có thể đang mang nó. Xin đánh dấu thôi dùng.",
     "A concept cannot be taken away, for materials may carry it. Please mark it as retired."},

    // Why a record has a new revision. Records keep the Vietnamese words.
    {"taken_in", "Nạp vào kho", "Added to the archive"},
    {"read_from_pages", "Đọc từ các trang", "Read from the pages"},
    {"secret_mark_found", "Có dấu chỉ độ mật", "Carries a state-secret mark"},
    {"restored", "Khôi phục bản cũ", "Earlier version restored"},
    {"edited", "Sửa thông tin", "Facts edited"},
    {"bulk_edited", "Sửa hàng loạt", "Bulk edit"},
    {"bulk_edit_undone", "Hoàn tác sửa hàng loạt", "Bulk edit undone"},
    {"vocabulary_edited", "Sửa danh mục từ", "Vocabulary edited"},
    {"merged", "Gộp các tờ thành một tài liệu", "Sheets merged into one document"},
    {"split", "Tách các tờ", "Sheets split"},
    {"kit_begun", "Lập bộ tài liệu báo chí", "Press kit begun"},
    {"kit_published", "Công bố bộ tài liệu báo chí", "Press kit published"},
    {"review_submitted", "Gửi duyệt", "Sent for review"},
    {"review_commented", "Góp ý", "Remark"},
    {"review_approved", "Duyệt", "Approved"},
    {"review_returned", "Trả lại để sửa", "Returned for changes"},
    {"review_published", "Công bố sau khi duyệt", "Published after review"},
    {"sent_by_call", "Gửi qua lời mời góp tư liệu", "Sent through an open call"},

    {"review_state",
     "Tư liệu không còn ở bước này, có lẽ người khác vừa xử lý. Xin tải lại trang để thấy bước "
     "hiện "
     "tại.",
     "The material is no longer at this step; someone may just have dealt with it. Please reload "
     "to "
     "see where it is now."},
    {"approved_already", "Anh chị đã duyệt tư liệu này rồi. Còn chờ người khác duyệt tiếp.",
     "You have approved this already. It now waits for somebody else."},
    {"needs_second_person",
     "Đơn vị này áp dụng quy tắc hai người: người gửi tư liệu không tự duyệt được. Xin nhờ một "
     "người khác có quyền duyệt.",
     "This unit keeps the two-person rule: nobody approves what they contributed. Please ask "
     "somebody else who may approve."},
    {"needs_spokesperson",
     "Đây là thông tin chính thức gửi báo chí hoặc công chúng nên cần người phát ngôn duyệt trước. "
     "Chưa có gì được công bố.",
     "This is a statement to the press or the public, so the spokesperson has to approve it first. "
     "Nothing was published."},
    {"review_unit", "Chỉ gửi duyệt được cho chính đơn vị giữ tư liệu hoặc đơn vị cấp trên của nó.",
     "A material can be sent for review to the unit that keeps it or to one above it."},
    {"review_due", "Hạn duyệt đã qua. Xin chọn một ngày từ hôm nay trở đi.",
     "That day is over. Please choose today or a later day."},
    {"review_remarks", "Đã có quá nhiều góp ý cho tư liệu này. Xin duyệt hoặc trả lại.",
     "There are too many remarks on this material. Please approve or return it."},
    {"text_missing", "Xin ghi nội dung góp ý.", "Please write the remark."},
    {"title_missing", "Xin đặt tên cho tư liệu trước khi gửi duyệt.",
     "Please give the material a title before it is sent for review."},
    {"consent_withdrawn",
     "Người trong ảnh đã rút lại sự đồng ý nên kho không còn cung cấp tệp này.",
     "A person shown has withdrawn their consent, so this file is no longer given out."},
    {"consent_over", "Sự đồng ý của người trong ảnh đã hết hạn nên kho không còn cung cấp tệp này.",
     "The consent of a person shown has run out, so this file is no longer given out."},
    {"licence_over", "Quyền sử dụng tệp này đã hết hạn nên kho không còn cung cấp.",
     "The licence of this file has run out, so it is no longer given out."},
    {"call_over", "Lời mời góp tư liệu này đã kết thúc. Cảm ơn anh chị đã quan tâm.",
     "This call has ended. Thank you for your interest."},
    {"call_full", "Lời mời này đã nhận đủ tư liệu. Cảm ơn anh chị đã quan tâm.",
     "This call has received as much as it can take. Thank you for your interest."},
    {"call_agreement",
     "Xin đánh dấu đồng ý cho công đoàn dùng tư liệu này, rồi gửi lại. Tệp đã chọn cần chọn lại.",
     "Please agree that the union may use this material, then send again. Files need to be chosen "
     "again."},
    {"call_no_file", "Xin chọn ít nhất một ảnh hoặc tệp.",
     "Please choose at least one photo or file."},

    {"port_taken", "Cổng này đang có chương trình khác dùng. Hãy chọn cổng khác bằng --listen.",
     "Another program uses this port. Please choose another with --listen."},
});

}  // namespace khochung
