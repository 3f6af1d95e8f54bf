(** Silent segments between two corners: every weight that moves enters a unit whose way to the output is zero at both
    ends, so that no output changes, whatever the input. Going backwards from the outputs, a unit is live if some live
    unit weighs it with an entry that is not zero. What enters a live unit must be the same at both corners.

    Definitions: [list_eqb], [row_eqb], [array_eqb], equality of literals; [same_form], digits of one size and one
    exponent; [agree], equality at the live places; [mark], the places where a plane is not zero, [columns], where a
    live row is not zero; [live_before], the live units that enter the branch's layers, if the layers agree where they
    must; [silent_between], the whole check.
    Statements: L9. *)

From Coq Require Import Reals Lra Psatz List Arith Bool Lia ZArith FunctionalExtensionality Sint63.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks deep.
From Skipscape.certificates Require Import numbers evaluate samples.
Import ListNotations.
Open Scope R_scope.

Fixpoint list_eqb {T : Type} (eqb : T -> T -> bool) (u v : list T) : bool :=
  match u, v with nil, nil => true | a :: u', b :: v' => (eqb a b && list_eqb eqb u' v')%bool | _, _ => false end.
Definition row_eqb : row -> row -> bool := list_eqb (list_eqb Uint63.eqb).
Definition same_form (a b : array) : bool := (Nat.eqb (step a) (step b) && Nat.eqb (point a) (point b))%bool.
Definition array_eqb (a b : array) : bool := (same_form a b && list_eqb row_eqb (rows a) (rows b))%bool.

Lemma list_eqb_ok {T : Type} (eqb : T -> T -> bool) : (forall a b, eqb a b = true -> a = b) ->
  forall u v, list_eqb eqb u v = true -> u = v.
Proof.
  intros H. induction u as [|a u IH]; intros [|b v] E; try easy. cbn [list_eqb] in E. apply andb_prop in E.
  destruct E as [E1 E2]. f_equal; auto.
Qed.

Lemma row_eqb_ok u v : row_eqb u v = true -> u = v.
Proof. apply list_eqb_ok, list_eqb_ok, Uint63.eqb_correct. Qed.

Lemma same_form_ok a b : same_form a b = true -> step a = step b /\ point a = point b.
Proof. intros H. apply andb_prop in H. now rewrite !Nat.eqb_eq in H. Qed.

Lemma array_eqb_ok a b : array_eqb a b = true -> a = b.
Proof.
  intros H. apply andb_prop in H. destruct H as [H1 H2]. apply same_form_ok in H1.
  apply list_eqb_ok in H2; [|exact row_eqb_ok]. destruct a, b; cbn in *. destruct H1 as [-> ->]. now rewrite H2.
Qed.

Fixpoint agree {T : Type} (eqb : T -> T -> bool) (live : list bool) (u v : list T) : bool :=
  match u, v with
  | nil, nil => true
  | a :: u', b :: v' => ((negb (hd true live) || eqb a b) && agree eqb (tl live) u' v')%bool
  | _, _ => false
  end.

Lemma agree_ok {T : Type} (eqb : T -> T -> bool) : (forall a b, eqb a b = true -> a = b) ->
  forall u v live j d, agree eqb live u v = true -> nth j live true = true -> nth j u d = nth j v d.
Proof.
  intros H. induction u as [|a u IH]; intros [|b v] live j d E Hj; try easy. cbn [agree] in E. apply andb_prop in E.
  destruct E as [E1 E2]. destruct j as [|j]; cbn [nth].
  - destruct live as [|l live]; cbn [nth hd] in *; [now apply H | rewrite Hj in E1; now apply H].
  - apply (IH v (tl live)); [easy|]. now destruct live; [destruct j|].
Qed.

Fixpoint mark (plane : list int) (acc : list bool) : list bool :=
  match plane, acc with
  | v :: plane', b :: acc' => (b || negb (Uint63.eqb v 0))%bool :: mark plane' acc'
  | _, _ => acc
  end.
Fixpoint columns (live : list bool) (rs : list row) (acc : list bool) : list bool :=
  match rs with
  | nil => acc
  | r :: rest => columns (tl live) rest (if hd true live then fold_left (fun acc' plane => mark plane acc') r acc else acc)
  end.

Lemma mark_ok plane : forall acc i, nth i (mark plane acc) true = false ->
  nth i acc true = false /\ nth i plane 0%sint63 = 0%sint63.
Proof.
  induction plane as [|v plane IH]; intros [|b acc] [|i] H; cbn [mark nth] in *; try easy.
  - apply orb_false_iff in H. destruct H as [H1 H2]. split; [easy|]. apply negb_false_iff in H2.
    now apply Uint63.eqb_correct.
  - now apply IH.
Qed.

Lemma marks_ok s r : forall acc i, nth i (fold_left (fun acc' plane => mark plane acc') r acc) true = false ->
  nth i acc true = false /\ digits s r i = 0%Z.
Proof.
  induction r as [|plane r IH]; intros acc i H; cbn [fold_left] in H; [now split|].
  destruct (IH _ _ H) as [H1 H2]. apply mark_ok in H1. split; [easy|].
  unfold digits; cbn [map horner]. rewrite (proj2 H1). fold (digits s r i). rewrite H2. now rewrite Z.mul_0_r.
Qed.

Lemma columns_ok s rs : forall live acc i, nth i (columns live rs acc) true = false ->
  nth i acc true = false /\ forall k, nth k live true = true -> digits s (nth k rs nil) i = 0%Z.
Proof.
  induction rs as [|r rs IH]; intros live acc i H; cbn [columns] in H.
  - split; [easy|]. intros [|k] _; reflexivity.
  - destruct (IH _ _ _ H) as [H1 H2].
    assert (H1' : nth i acc true = false /\ (hd true live = true -> digits s r i = 0%Z)).
    { destruct (hd true live); [|now split]. apply (marks_ok s) in H1. now split. }
    split; [easy|]. intros [|k] Hk; cbn [nth].
    + apply H1'. now destruct live.
    + apply H2. now destruct live; [destruct k|].
Qed.

Lemma columns_entry a live acc i : nth i (columns live (rows a) acc) true = false ->
  forall k, nth k live true = true -> entry a k i = 0.
Proof.
  intros H k Hk. apply (columns_ok (base a)) in H. unfold entry. rewrite (proj2 H k Hk). unfold Rdiv. ring.
Qed.

Lemma agree_entry a b live k i : same_form a b = true -> agree row_eqb live (rows a) (rows b) = true ->
  nth k live true = true -> entry a k i = entry b k i.
Proof.
  intros Hf Ha Hk. apply same_form_ok in Hf. destruct Hf as [Hs Hp]. unfold entry, base. rewrite Hs, Hp.
  now rewrite (agree_ok row_eqb row_eqb_ok _ _ _ k nil Ha Hk).
Qed.

(** * Through the branch *)

Fixpoint live_before (n : nat) (widths : list nat) (inner inner' : list array) (last_live : list bool) : option (list bool) :=
  match widths with
  | nil => Some last_live
  | h :: rest =>
    match live_before h rest (tl inner) (tl inner') last_live with
    | None => None
    | Some live => let a := hd no_array inner in let b := hd no_array inner' in
        if (same_form a b && agree row_eqb live (rows a) (rows b))%bool
        then Some (columns live (rows a) (repeat false n)) else None
    end
  end.

Notation mixed t inner inner' := (fun d j i => (1 - t) * entry (nth d inner no_array) j i + t * entry (nth d inner' no_array) j i).

Lemma live_before_ok t widths : forall n inner inner' last_live live (x x' : vector),
  live_before n widths inner inner' last_live = Some live ->
  (forall i, (i < n)%nat -> nth i live true = true -> x' i = x i) ->
  forall s, (s < last widths n)%nat -> nth s last_live true = true ->
  forward n widths (mixed t inner inner') x' s = forward n widths (fun d j i => entry (nth d inner no_array) j i) x s.
Proof.
  induction widths as [|h rest IH]; intros n inner inner' last_live live x x' E Hx s Hs Hlive.
  - injection E as <-. now apply Hx.
  - rewrite last_cons_width in Hs. cbn [live_before] in E.
    destruct (live_before h rest (tl inner) (tl inner') last_live) as [after|] eqn:E'; [|easy].
    destruct (same_form _ _ && agree _ _ _ _)%bool eqn:Eab; [|easy]. injection E as <-. apply andb_prop in Eab.
    cbn [forward].
    replace (fun d => (fun d0 j i => entry (nth d0 inner no_array) j i) (S d))
      with (fun d j i => entry (nth d (tl inner) no_array) j i) by (now destruct inner; [extensionality d; destruct d|]).
    replace (fun d => (mixed t inner inner') (S d)) with (mixed t (tl inner) (tl inner'))
      by (destruct inner, inner'; extensionality d; destruct d; reflexivity).
    apply (IH h (tl inner) (tl inner') last_live after); try easy. intros i _ Hi. unfold layer.
    assert (Eh : forall l : list array, nth O l no_array = hd no_array l) by (intros [|]; reflexivity).
    assert (Erow : forall k, entry (nth O inner' no_array) i k = entry (nth O inner no_array) i k).
    { intros k. rewrite !Eh. symmetry. now apply (agree_entry _ _ after). }
    f_equal. rewrite Erow. f_equal; [|ring]. apply lsum_ext. intros k Hk. apply in_rng in Hk. rewrite Erow.
    destruct (nth k (columns after (rows (hd no_array inner)) (repeat false n)) true) eqn:Ek.
    + rewrite Hx by easy. ring.
    + rewrite Eh, (columns_entry (hd no_array inner) after _ k Ek i Hi). ring.
Qed.

(** * The segment *)

Definition silent_between (s : sizes) (c d : corner) : bool :=
  let h := last (branch_widths s) (branch_width s) in
  (array_eqb (into_outputs c) (into_outputs d) && array_eqb (out_of_branch c) (out_of_branch d) &&
   match live_before (branch_width s) (branch_widths s) (inside c) (inside d)
           (columns nil (rows (out_of_branch c)) (repeat false h)) with
   | None => false
   | Some live =>
       same_form (into_branch c) (into_branch d) && agree row_eqb live (rows (into_branch c)) (rows (into_branch d)) &&
       agree Nat.eqb (columns live (rows (into_branch c)) (columns nil (rows (into_outputs c)) (repeat false (width s))))
         (chosen c) (chosen d)
   end)%bool.

(** L9 for these networks: nothing changes along the segment *)
Theorem L9_certified given bank s c d t : silent_between s c d = true ->
  parallel given (width s) (biased_branch (branch_width s) (branch_widths s))
    (lin t (network bank (width s) c) (network bank (width s) d))
  = parallel given (width s) (biased_branch (branch_width s) (branch_widths s)) (network bank (width s) c).
Proof.
  intros H. unfold silent_between in H. set (h := last (branch_widths s) (branch_width s)) in *.
  rewrite !andb_true_iff in H. destruct H as [[HV HU] H]. apply array_eqb_ok in HV, HU.
  destruct (live_before _ _ _ _ _) as [live|] eqn:E; [|easy]. rewrite !andb_true_iff in H.
  destruct H as [[Hf Ha] Hc]. set (P := network bank (width s) c). set (P' := network bank (width s) d).
  set (alive := columns live _ _) in Hc.
  assert (alive_V : forall j o, nth j alive true = false -> entry (into_outputs c) o j = 0).
  { intros j o Hj. apply (columns_ok (base (into_branch c))) in Hj. destruct Hj as [Hj _].
    apply (columns_entry (into_outputs c) nil _ j Hj). now destruct o. }
  assert (EV : forall j o, V (lin t P P') j o = V P j o).
  { intros j o. unfold P, P', network; entries. rewrite <- HV. ring. }
  assert (EU : forall o i, U (lin t P P') o i = U P o i).
  { intros o i. unfold P, P', network; entries. rewrite <- HU. ring. }
  assert (EF : forall k j, nth j alive true = true -> feature given (lin t P P') k j = feature given P k j).
  { intros k j Hj. apply feature_ext. intros i. unfold P, P', network; entries.
    rewrite (agree_ok Nat.eqb (fun a b => proj1 (Nat.eqb_eq a b)) _ _ _ j O Hc Hj). ring. }
  apply matrix_ext. intros k o. unfold parallel. f_equal.
  - unfold skip. apply lsum_ext. intros j _. rewrite EV. destruct (nth j alive true) eqn:Ej; [now rewrite EF|].
    unfold P at 1 3, network; entries. rewrite alive_V by easy. ring.
  - unfold deep. cbn [biased_branch branch_out act]. fold h. rewrite !lsum_last, Nat.ltb_irrefl, EU. f_equal.
    apply lsum_ext. intros i Hi. apply in_rng in Hi. rewrite EU. pose proof Hi as Hi'. apply Nat.ltb_lt in Hi'. rewrite Hi'.
    destruct (nth i (columns nil (rows (out_of_branch c)) (repeat false h)) true) eqn:Ei.
    + f_equal.
      change (forward (branch_width s) (branch_widths s) (mixed t (inside c) (inside d))
        (fun a => relu (reading given (width s) (lin t P P') k a + Q (lin t P P') O a O)) i
        = forward (branch_width s) (branch_widths s) (fun d0 j i0 => entry (nth d0 (inside c) no_array) j i0)
        (fun a => relu (reading given (width s) P k a + Q P O a O)) i).
      apply (live_before_ok t _ _ _ _ _ live _ _ E); try easy. intros a _ Hlive. f_equal. f_equal.
      * unfold reading. apply lsum_ext. intros j _.
        assert (EA : A (lin t P P') j a = A P j a).
        { unfold P, P', network; entries. rewrite <- (agree_entry _ _ live a j Hf Ha Hlive). ring. }
        rewrite EA. destruct (nth j alive true) eqn:Ej; [now rewrite EF|].
        unfold P at 1 3, network; entries. rewrite (columns_entry _ live _ j Ej a Hlive). ring.
      * unfold P, P', network; entries. rewrite <- (agree_entry _ _ live a (width s) Hf Ha Hlive). ring.
    + assert (E0 : U P o i = 0) by (apply (columns_entry _ nil _ i Ei o); now destruct o). rewrite E0. ring.
Qed.
