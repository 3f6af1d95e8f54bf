(** E2, E3 [ours]: what convexity says where outputs are only enclosed, and above the line between the ends' losses.
    E2: on a piece |s| <= r a loss that is convex and grows with its arguments, evaluated at affine upper models, is at
    most the larger of its two values at the piece's ends, summed over the samples before the larger is taken;
    cross-entropy is such a function of the margins. A convex loss of one residual between two affine models is too.
    E3: the excess over the chord of the ends is attained at a corner, for losses that are convex on every segment.

    Definitions: [grows], in every one of the first p arguments; [piece_bound], the weighted sum of losses at affine
    models; [residual_bound], the same with the larger of the losses at a lower and an upper model of every output;
    [one_hot], the target of a label; [excess], a function less the chord of its values at 0 and 1.
    Statements: E2, E3. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import losses training_losses.
Import ListNotations.
Open Scope R_scope.

(** a time of a piece between its ends *)
Lemma piece_time r s : - r <= s <= r -> exists t, 0 <= t <= 1 /\ s = (1 - t) * - r + t * r.
Proof.
  intros Hs. destruct (Req_dec r 0) as [E|E]; [exists 0; split; lra|].
  assert (Hr : 0 < r) by lra. exists ((s + r) / (2 * r)). split; [|field; lra].
  split; [apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]|].
  apply (Rmult_le_reg_r (2 * r)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

(** log-sum-exp is convex *)
Theorem E2_log_sum_exp_convex (n : nat) : (1 <= n)%nat -> convex_in_output (fun u => ln (\sum_(j < n) exp (u j))).
Proof.
  intros Hn u v t Ht. assert (Hl : seq 0 n <> nil) by (destruct n; [lia | easy]).
  set (w := fun c => (1 - t) * u c + t * v c).
  destruct (lse_support (seq 0 n) w u Hl) as [_ Hu]. destruct (lse_support (seq 0 n) w v Hl) as [_ Hv].
  set (Z := \sum_(j < n) exp (w j)) in *.
  rewrite (lsum_ext _ _ (fun j => t * (exp (w j) / Z * (u j - v j)))) in Hu by (intros; unfold w; ring).
  rewrite (lsum_ext _ (fun j => exp (w j) / Z * (v j - w j)) (fun j => (t - 1) * (exp (w j) / Z * (u j - v j)))) in Hv
    by (intros; unfold w; ring).
  rewrite lsum_scal in Hu, Hv. cbv beta. change (\sum_(j < n) exp ((1 - t) * u j + t * v j)) with Z.
  apply (Rmult_le_compat_l (1 - t)) in Hu; [|lra]. apply (Rmult_le_compat_l t) in Hv; [|lra]. lra.
Qed.

Section Pieces.
Variable X : data.
Notation p := (outputs X).

(** no smaller where no argument is smaller *)
Definition grows (e : vector -> R) : Prop := forall u v,
  (forall j, (j < outputs X)%nat -> u j <= v j) -> e u <= e v.

Definition piece_bound (ell : nat -> vector -> R) (a b : nat -> vector) (s : R) : R :=
  \sum_(k < points X) (weight X k * ell k (fun j => a k j + b k j * s)).

Theorem E2_piece ell a b (d : nat -> vector) r s : - r <= s <= r ->
  (forall k, (k < points X)%nat -> convex_in_output (ell k) /\ grows (ell k)) ->
  (forall k j, (k < points X)%nat -> (j < p)%nat -> d k j <= a k j + b k j * s) ->
  \sum_(k < points X) (weight X k * ell k (d k)) <= Rmax (piece_bound ell a b (- r)) (piece_bound ell a b r).
Proof.
  intros Hs Hell Hd. destruct (piece_time r s Hs) as (t & Ht & Es). apply (below_chord _ _ _ t Ht).
  unfold piece_bound. rewrite <- lsum_lin. apply lsum_le; intros k Hk. apply in_rng in Hk.
  destruct (Hell k Hk) as [Hconvex Hgrows].
  pose proof (Hgrows (d k) (fun j => (1 - t) * (a k j + b k j * - r) + t * (a k j + b k j * r))) as H.
  specialize (Hconvex (fun j => a k j + b k j * - r) (fun j => a k j + b k j * r) t Ht). cbv beta in Hconvex.
  assert (Hle : ell k (d k) <= (1 - t) * ell k (fun j => a k j + b k j * - r) + t * ell k (fun j => a k j + b k j * r)).
  { eapply Rle_trans; [apply H | exact Hconvex]. intros j Hj. specialize (Hd k j Hk Hj). rewrite Es in Hd. lra. }
  apply (Rmult_le_compat_l _ _ _ (weight_nonneg X k)) in Hle. lra.
Qed.

Lemma log_sum_exp_grows : (1 <= p)%nat -> grows (fun u => ln (\sum_(j < p) exp (u j))).
Proof.
  intros Hp u v H. assert (Hl : seq 0 p <> nil) by (destruct p; [lia | easy]).
  destruct (lse_support (seq 0 p) u u Hl) as [HZ _].
  assert (Hle : \sum_(j < p) exp (u j) <= \sum_(j < p) exp (v j)).
  { apply lsum_le; intros j Hj. apply in_rng in Hj. destruct (H j Hj) as [Hlt|Heq];
      [left; now apply exp_increasing | right; now rewrite Heq]. }
  destruct Hle as [Hlt|Heq]; [left; now apply ln_increasing | right; now rewrite Heq].
Qed.

Definition one_hot (label : nat) : vector := fun c => if Nat.eqb label c then 1 else 0.

(** cross-entropy of a label, by the margins *)
Lemma cross_entropy_margins label u : (label < p)%nat ->
  cross_entropy X (one_hot label) u = ln (\sum_(j < p) exp (u j - u label)).
Proof.
  intros Hlabel. assert (Hl : seq 0 p <> nil) by (destruct p; [lia | easy]).
  destruct (lse_support (seq 0 p) u u Hl) as [HZ _]. unfold cross_entropy.
  rewrite (lsum_ext _ (fun c => one_hot label c * u c) (fun c => if Nat.eqb label c then u c else 0))
    by (intros c _; unfold one_hot; destruct (Nat.eqb label c); ring).
  rewrite (lsum_delta p label u) by easy.
  rewrite (lsum_ext _ (fun j => exp (u j - u label)) (fun j => exp (- u label) * exp (u j)))
    by (intros; rewrite <- exp_plus; f_equal; ring).
  rewrite lsum_scal, ln_mult, ln_exp by (apply exp_pos || exact HZ). ring.
Qed.

(** cross-entropy on a piece whose margins lie below a_j + b_j s *)
Theorem E2_cross_entropy (label : nat -> nat) (f : nat -> vector) a b r s : - r <= s <= r ->
  (forall k, (k < points X)%nat -> (label k < p)%nat) ->
  (forall k j, (k < points X)%nat -> (j < p)%nat -> f k j - f k (label k) <= a k j + b k j * s) ->
  \sum_(k < points X) (weight X k * cross_entropy X (one_hot (label k)) (f k))
  <= Rmax (piece_bound (fun _ u => ln (\sum_(j < p) exp (u j))) a b (- r))
          (piece_bound (fun _ u => ln (\sum_(j < p) exp (u j))) a b r).
Proof.
  intros Hs Hlabel Hd. eapply Rle_trans; [right|].
  - apply lsum_ext; intros k Hk. apply in_rng in Hk. now rewrite cross_entropy_margins by now apply Hlabel.
  - apply (E2_piece (fun _ u => ln (\sum_(j < p) exp (u j))) a b (fun k j => f k j - f k (label k)) r s Hs);
      [|exact Hd].
    intros k Hk. specialize (Hlabel k Hk). split; [apply E2_log_sum_exp_convex; lia | apply log_sum_exp_grows; lia].
Qed.

(** the hinge of labels, by the margins *)
Lemma multi_hinge_margins label u : multi_hinge X label u =
  largest (seq 0 p) (fun j => if Nat.eqb j label then 0 else 1 + (u j - u label)).
Proof.
  unfold multi_hinge, largest. induction (seq 0 p) as [|i r IH]; [easy|]. cbn [fold_right]. rewrite IH.
  destruct (Nat.eqb i label); [easy|]. f_equal. ring.
Qed.

Theorem E2_multi_hinge label : convex_in_output (fun d => largest (seq 0 p) (fun j =>
    if Nat.eqb j label then 0 else 1 + d j))
  /\ grows (fun d => largest (seq 0 p) (fun j => if Nat.eqb j label then 0 else 1 + d j)).
Proof.
  set (e := fun (d : vector) (j : nat) => if Nat.eqb j label then 0 else 1 + d j). split.
  - intros u v t Ht. fold (e u) (e v) (e (fun c => (1 - t) * u c + t * v c)).
    pose proof (largest_nonneg (seq 0 p) (e u)) as Hu. pose proof (largest_nonneg (seq 0 p) (e v)) as Hv.
    destruct (largest_attained (seq 0 p) (e (fun c => (1 - t) * u c + t * v c))) as [E|(j & Hj & E)]; rewrite E.
    + assert (0 <= (1 - t) * largest (seq 0 p) (e u)) by (apply Rmult_le_pos; lra).
      assert (0 <= t * largest (seq 0 p) (e v)) by (apply Rmult_le_pos; lra). lra.
    + pose proof (largest_ge (seq 0 p) (e u) j Hj) as H1. pose proof (largest_ge (seq 0 p) (e v) j Hj) as H2.
      apply (Rmult_le_compat_l (1 - t)) in H1; [|lra]. apply (Rmult_le_compat_l t) in H2; [|lra].
      eapply Rle_trans; [|apply Rplus_le_compat; [exact H1 | exact H2]]. unfold e.
      destruct (Nat.eqb j label); right; ring.
  - intros u v H. fold (e u) (e v).
    destruct (largest_attained (seq 0 p) (e u)) as [E|(j & Hj & E)]; rewrite E; [apply largest_nonneg|].
    eapply Rle_trans; [|apply (largest_ge (seq 0 p) (e v) j Hj)]. apply in_rng in Hj. specialize (H j Hj). unfold e.
    destruct (Nat.eqb j label); lra.
Qed.

(** a convex loss of one output that lies between a lower and an upper model: squared, absolute, Huber *)
Definition residual_bound (phi : nat -> nat -> R -> R) (a b c d : nat -> vector) (s : R) : R :=
  \sum_(k < points X) (weight X k *
    \sum_(j < outputs X) (Rmax (phi k j (a k j + b k j * s)) (phi k j (c k j + d k j * s)))).

Lemma between_models (phi : R -> R) l u x : (forall y z t, 0 <= t <= 1 ->
  phi ((1 - t) * y + t * z) <= (1 - t) * phi y + t * phi z) -> l <= x <= u -> phi x <= Rmax (phi l) (phi u).
Proof.
  intros H Hx. destruct (Req_dec l u) as [E|E]; [replace x with l by lra; apply Rmax_l|].
  set (t := (x - l) / (u - l)). assert (Ht : 0 <= t <= 1).
  { split; [apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]|].
    apply (Rmult_le_reg_r (u - l)); [lra|]. unfold t, Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  apply (below_chord _ _ _ t Ht). replace x with ((1 - t) * l + t * u) by (unfold t; field; lra). now apply H.
Qed.

Theorem E2_residual phi a b c d (f : nat -> vector) r s : - r <= s <= r ->
  (forall k j y z t, 0 <= t <= 1 -> phi k j ((1 - t) * y + t * z) <= (1 - t) * phi k j y + t * phi k j z) ->
  (forall k j, (k < points X)%nat -> (j < p)%nat -> a k j + b k j * s <= f k j <= c k j + d k j * s) ->
  \sum_(k < points X) (weight X k * \sum_(j < p) (phi k j (f k j)))
  <= Rmax (residual_bound phi a b c d (- r)) (residual_bound phi a b c d r).
Proof.
  intros Hs Hphi Hf. destruct (piece_time r s Hs) as (t & Ht & Es). apply (below_chord _ _ _ t Ht).
  unfold residual_bound. rewrite <- lsum_lin. apply lsum_le; intros k Hk. apply in_rng in Hk.
  replace ((1 - t) * (weight X k * _) + t * (weight X k * _)) with
    (weight X k * ((1 - t) * \sum_(j < p) (Rmax (phi k j (a k j + b k j * - r)) (phi k j (c k j + d k j * - r)))
      + t * \sum_(j < p) (Rmax (phi k j (a k j + b k j * r)) (phi k j (c k j + d k j * r))))) by ring.
  apply Rmult_le_compat_l; [apply weight_nonneg|]. rewrite <- lsum_lin. apply lsum_le; intros j Hj.
  apply in_rng in Hj. specialize (Hf k j Hk Hj).
  eapply Rle_trans; [apply (between_models _ _ _ _ (Hphi k j) Hf)|].
  assert (HA := Hphi k j (a k j + b k j * - r) (a k j + b k j * r) t Ht).
  assert (HB := Hphi k j (c k j + d k j * - r) (c k j + d k j * r) t Ht).
  replace ((1 - t) * (a k j + b k j * - r) + t * (a k j + b k j * r)) with (a k j + b k j * s) in HA
    by (rewrite Es; ring).
  replace ((1 - t) * (c k j + d k j * - r) + t * (c k j + d k j * r)) with (c k j + d k j * s) in HB
    by (rewrite Es; ring).
  set (A0 := phi k j (a k j + b k j * - r)) in *. set (A1 := phi k j (a k j + b k j * r)) in *.
  set (B0 := phi k j (c k j + d k j * - r)) in *. set (B1 := phi k j (c k j + d k j * r)) in *.
  pose proof (Rmax_l A0 B0). pose proof (Rmax_r A0 B0). pose proof (Rmax_l A1 B1). pose proof (Rmax_r A1 B1).
  apply Rmax_lub; nra.
Qed.
End Pieces.

(** * The barrier above the chord *)

Definition excess (h : R -> R) (t : R) : R := h t - ((1 - t) * h 0 + t * h 1).

(** "convex less affine is convex": on a segment from x to y *)
Theorem E3_segment h x y s : 0 <= s <= 1 -> h ((1 - s) * x + s * y) <= (1 - s) * h x + s * h y ->
  excess h ((1 - s) * x + s * y) <= Rmax (excess h x) (excess h y).
Proof. intros Hs H. apply (below_chord _ _ _ s Hs). unfold excess. nra. Qed.

(** the segment in which a time lies *)
Lemma segment_of n x : (1 <= n)%nat -> 0 <= x <= INR n -> exists k, (k < n)%nat /\ INR k <= x <= INR (S k).
Proof.
  induction n as [|n IH]; [lia|]. intros _ Hx. destruct (Nat.eq_dec n 0) as [->|Hn].
  - exists 0%nat. split; [lia|]. exact Hx.
  - destruct (Rle_lt_dec x (INR n)) as [h|h].
    + destruct (IH ltac:(lia) ltac:(lra)) as (k & Hk & H). exists k. split; [lia | exact H].
    + exists n. split; [lia|]. lra.
Qed.

(** "attained at a corner": n segments of equal time, the loss below its chord on each *)
Theorem E3_corner h n t : (1 <= n)%nat -> 0 <= t <= 1 ->
  (forall k s, (k < n)%nat -> 0 <= s <= 1 ->
    h ((1 - s) * (INR k / INR n) + s * (INR (S k) / INR n))
    <= (1 - s) * h (INR k / INR n) + s * h (INR (S k) / INR n)) ->
  exists k, (k <= n)%nat /\ excess h t <= excess h (INR k / INR n).
Proof.
  intros Hn Ht H. assert (Hpos : 0 < INR n) by (apply lt_0_INR; lia).
  destruct (segment_of n (t * INR n) Hn) as (k & Hk & Hs); [split; nra|].
  set (s := t * INR n - INR k). assert (Hs1 : 0 <= s <= 1) by (rewrite S_INR in Hs; unfold s; lra).
  specialize (H k s Hk Hs1). pose proof (E3_segment h _ _ s Hs1 H) as E.
  replace ((1 - s) * (INR k / INR n) + s * (INR (S k) / INR n)) with t in E
    by (rewrite S_INR; unfold s; field; lra).
  revert E. unfold Rmax. destruct (Rle_dec _ _); intros E.
  - exists (S k). split; [lia | exact E].
  - exists k. split; [lia | exact E].
Qed.

(** both conventions: the excess is between the height above the higher and above the lower end *)
Theorem E3_conventions h t : 0 <= t <= 1 ->
  h t - Rmax (h 0) (h 1) <= excess h t <= h t - Rmin (h 0) (h 1)
  /\ h t - Rmin (h 0) (h 1) = h t - Rmax (h 0) (h 1) + Rabs (h 0 - h 1).
Proof.
  intros Ht. unfold excess. split; [relu_cases; nra|].
  unfold Rmin, Rmax. destruct (Rle_dec (h 0) (h 1)); unfold Rabs; destruct Rcase_abs; lra.
Qed.
