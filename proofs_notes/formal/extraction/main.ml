(* A theorem's file, as `skipscape export` writes it, put to the extracted checker.

   Only the literals are read, the corners, and what the check is given; what the file claims of them is not, nor what
   its names mean: that is what `skipscape export --verify` compares. Prints one word; status 0: the check is true,
   1: it is false, 2: the file is not of this form. *)

module Big = Z (* before a Z of the extracted program hides it *)

open Checking

exception Strange of string

let strange what = raise (Strange what)

(* Coq's text, as far as it is written here: `a b` is an application, `[a; b]` a list, `(a, b)` two terms. The signs of
   `a ++ b` and `a / b`, and `%nat` behind a list, are left out. *)
type term = Number of Big.t | Name of string | List of term list | Apply of term list

let within low high c = low <= c && c <= high
let digit = within '0' '9'
let letter c = within 'a' 'z' c || within 'A' 'Z' c || digit c || c = '_'

(* the first place, from this one on, whose character is not of a kind *)
let rec after text kind place =
  if place < String.length text && kind text.[place] then after text kind (place + 1) else place

let between text first last = String.sub text first (last - first)

let rec blank text place =
  let place = after text (String.contains " \n+/") place in
  if place < String.length text && text.[place] = '%' then blank text (after text letter (place + 1)) else place

(* the term that begins here and goes up to one of `ends`, and the place of that *)
let rec term text ends place =
  let rec parts found place =
    let place = blank text place in
    if place >= String.length text then strange "the text ends too early"
    else if String.contains ends text.[place] then (List.rev found, place)
    else
      let one, place = atom text place in
      parts (one :: found) place
  in
  match parts [] place with [ one ], place -> (one, place) | many, place -> (Apply many, place)

and atom text place =
  match text.[place] with
  | '[' ->
    let rec items found place =
      match term text ";]" place with
      | Apply [], place when found = [] && text.[place] = ']' -> (List [], place + 1)
      | one, place when text.[place] = ']' -> (List (List.rev (one :: found)), place + 1)
      | one, place -> items (one :: found) (place + 1)
    in
    items [] (place + 1)
  | '(' -> (
    match term text ",)" (place + 1) with
    | one, place when text.[place] = ')' -> (one, place + 1)
    | one, place ->
      let other, place = term text ")" (place + 1) in
      (Apply [ one; other ], place + 1))
  | c when c = '-' || digit c ->
    let last = after text digit (place + 1) in
    (Number (Big.of_string (between text place last)), last)
  | c when letter c ->
    let last = after text letter place in
    (Name (between text place last), last)
  | c -> strange (Printf.sprintf "%C is no part of a number or a list" c)

let rec find text what place =
  if place + String.length what > String.length text then None
  else if between text place (place + String.length what) = what then Some place
  else find text what (place + 1)

(* every definition by name, and what the lemma says is true *)
let read text =
  let defined = Hashtbl.create 997 in
  let rec sentence place =
    match String.index_from_opt text place '\n' with
    | None -> strange "there is no lemma"
    | Some until -> (
      match String.split_on_char ' ' (between text place until) with
      | "Definition" :: name :: ":" :: _ ->
        let value, last =
          match find text ":=" place with Some at -> term text "." (at + 2) | None -> strange (name ^ " is nothing")
        in
        if Hashtbl.mem defined name then strange (name ^ " is defined twice");
        Hashtbl.add defined name value;
        sentence (last + 2)
      | "Lemma" :: "checked" :: ":" :: _ -> fst (term text "=" (String.index_from text place ':' + 1))
      | _ -> sentence (until + 1))
  in
  let checked = sentence 0 in
  (defined, checked)

let number = function Number z -> z | _ -> strange "a number is missing"

let natural one =
  let n = number one in
  if Big.sign n < 0 then strange "a number is negative" else n

let listed item = function List many -> List.map item many | _ -> strange "a list is missing"

let machine one =
  let z = number one in
  if Big.fits_int z then Big.to_int z else strange "a digit is too long"

(* whether the check of the lemma is true, and whether no corner has a skip connection *)
let answer text =
  let defined, checked = read text in
  let named item = function
    | Name name when Hashtbl.mem defined name -> item (Hashtbl.find defined name)
    | Name name -> strange (name ^ " is not defined")
    | _ -> strange "a name is missing"
  in
  let block = named (listed (listed (listed machine))) in
  let blocks = function Name "nil" -> [] | Apply many -> List.concat_map block many | one -> block one in
  let array =
    named (function
      | Apply [ Name "Array"; step; point; rows ] -> { step = natural step; point = natural point; rows = blocks rows }
      | _ -> strange "an array is missing")
  in
  let corner =
    named (function
      | Apply [ Name "Corner"; chosen; outputs; branch; inside; out ] ->
        {
          chosen = listed natural chosen;
          into_outputs = array outputs;
          into_branch = array branch;
          inside = listed array inside;
          out_of_branch = array out;
        }
      | _ -> strange "a corner is missing")
  in
  let kind = function
    | Name "Silent" -> Silent
    | Name "Readout" -> Readout
    | Name "Senders" -> Senders
    | _ -> strange "a kind of segment is missing"
  in
  let segment = function Apply [ one; place ] -> (kind one, corner place) | _ -> strange "a segment is missing" in
  let sizes = function
    | Apply [ Name "Sizes"; samples; seen; targets; width; branch; widths; bits; count ] ->
      {
        samples = natural samples;
        seen_by_first = natural seen;
        targets = natural targets;
        width = natural width;
        branch_width = natural branch;
        branch_widths = listed natural widths;
        digit_bits = natural bits;
        digit_count = natural count;
      }
    | _ -> strange "the sizes are missing"
  in
  match checked with
  | Apply (Name question :: lengths :: x :: y :: bank :: first :: rest :: numbers) ->
    let lengths, x, y, bank = (named sizes lengths, array x, array y, named (listed array) bank) in
    let first, rest = (corner first, named (listed segment) rest) in
    let holds =
      match (question, List.map number numbers) with
      | "check", [ top; bottom ] -> check lengths x y bank first rest top bottom
      | "check_depth", [ climb; gain; bottom ] -> check_depth lengths x y bank first rest climb gain bottom
      | _ -> strange "the lemma asks neither check nor check_depth"
    in
    (holds, without_skip first rest)
  | _ -> strange "the lemma is about no check"

let main place =
  let stream = open_in_bin place in
  let text = really_input_string stream (in_channel_length stream) in
  let holds, bare = answer text in
  let sentence = "check_sound_plain" (* of a network without a skip connection *) in
  holds && (bare || find text sentence (max 0 (String.length text - 2000)) = None)

let refuse what =
  prerr_endline ("extracted: " ^ what);
  exit 2

let () =
  match Sys.argv with
  | [| _; place |] -> (
    match main place with
    | true -> print_endline "true"
    | false ->
      print_endline "false";
      exit 1
    | exception (Strange what | Sys_error what | Failure what | Invalid_argument what) -> refuse what
    | exception Stack_overflow -> refuse "lists too long for the stack: ulimit -s unlimited")
  | _ -> refuse "give the .v file that skipscape export has written"
