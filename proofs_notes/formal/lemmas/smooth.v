(** Losses with bounded curvature: beside the supporting affine function that makes them convex they have, at every
    output f, the same function plus beta/2 ||.||^2 above them. What T7 uses of a loss. Squared error has beta = 2;
    the others are in curvature.v.

    Definitions: [inner], the mean of f g over points and outputs; [smooth], convex and beta-smooth on the outputs
    at the data; [smooth_output], the same for the loss of one sample.
    Statements: T7L. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import losses.
Import ListNotations.
Open Scope R_scope.

(** a convex parabola with its minimum at 0 has no slope there *)
Lemma no_slope g e : 0 <= e -> (forall s, 0 <= 2 * s * g + s^2 * e) -> g = 0.
Proof.
  intros He H. destruct (Req_dec g 0) as [E|E]; [easy|]. exfalso.
  specialize (H (- g / (e + 1))).
  assert (Hq : 0 < g^2 / (e + 1)) by (apply Rmult_lt_0_compat; [nra | apply Rinv_0_lt_compat; lra]).
  replace (2 * (- g / (e + 1)) * g + (- g / (e + 1))^2 * e) with (- ((g^2 / (e + 1)) * ((e + 2) / (e + 1)))) in H
    by (field; lra).
  assert (0 < (e + 2) / (e + 1)) by (apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra]). nra.
Qed.

Section Smooth.
Variable X : data.
Notation p := (outputs X).

(** mean of f g over points and outputs *)
Definition inner (f g : nat -> vector) : R :=
  \sum_(k < points X) (weight X k * \sum_(c < outputs X) (f k c * g k c)).

Lemma inner_plus f g h : inner f (fun k c => g k c + h k c) = inner f g + inner f h.
Proof.
  unfold inner. rewrite <- lsum_plus. apply lsum_ext; intros k _.
  rewrite (lsum_ext _ _ (fun c => f k c * g k c + f k c * h k c)) by (intros; ring). rewrite lsum_plus. ring.
Qed.

Lemma inner_scal f g s : inner f (fun k c => s * g k c) = s * inner f g.
Proof.
  unfold inner. rewrite <- lsum_scal. apply lsum_ext; intros k _.
  rewrite (lsum_ext _ _ (fun c => s * (f k c * g k c))) by (intros; ring). rewrite lsum_scal. ring.
Qed.

Lemma inner_scal_l f g s : inner (fun k c => s * f k c) g = s * inner f g.
Proof.
  unfold inner. rewrite <- lsum_scal. apply lsum_ext; intros k _.
  rewrite (lsum_ext _ _ (fun c => s * (f k c * g k c))) by (intros; ring). rewrite lsum_scal. ring.
Qed.

Lemma inner_sum f l (h : nat -> nat -> vector) :
  inner f (fun k c => \sum_(i < l) (h i k c)) = \sum_(i < l) (inner f (h i)).
Proof.
  unfold inner. rewrite lsum_swap. apply lsum_ext; intros k _. rewrite lsum_scal. f_equal.
  rewrite lsum_swap. apply lsum_ext; intros c _. now rewrite lsum_scal.
Qed.

Lemma inner_sym f g : inner f g = inner g f.
Proof. apply lsum_ext; intros k _. f_equal. apply lsum_ext; intros; ring. Qed.

Lemma inner_self g : inner g g = (fnorm X g)^2.
Proof. unfold inner, fnorm. rewrite l2norm_sq. apply lsum_ext; intros k _. f_equal. apply lsum_ext; intros; ring. Qed.

Lemma fnorm_shift f g s : (fnorm X (fun k c => f k c + s * g k c))^2
  = (fnorm X f)^2 + 2 * s * inner f g + s^2 * (fnorm X g)^2.
Proof.
  rewrite <- !inner_self, inner_plus, inner_scal.
  rewrite (inner_sym _ f), (inner_sym _ g), !inner_plus, !inner_scal, (inner_sym g f). ring.
Qed.

Lemma fnorm_scal g s : (fnorm X (fun k c => s * g k c))^2 = s^2 * (fnorm X g)^2.
Proof. rewrite <- !inner_self, inner_scal, inner_scal_l. ring. Qed.

(** Cauchy-Schwarz *)
Lemma inner_le f g : inner f g <= fnorm X f * fnorm X g.
Proof.
  pose proof (Cauchy_Schwarz (list_prod (seq 0 (points X)) (seq 0 p)) (fun kc => weight X (fst kc)) (weight_fst X)
    (fun kc => f (fst kc) (snd kc)) (fun kc => g (fst kc) (snd kc))) as H.
  rewrite lsum_prod in H. eapply Rle_trans; [right | exact H]. unfold inner. apply lsum_ext; intros k _.
  now rewrite <- lsum_scal.
Qed.

Lemma inner_null f g : fnorm X g = 0 -> inner f g = 0.
Proof.
  intros E. apply Rle_antisym.
  - pose proof (inner_le f g) as H. rewrite E in H. lra.
  - pose proof (inner_le f (fun k c => (-1) * g k c)) as H. rewrite inner_scal in H.
    assert (E' : fnorm X (fun k c => (-1) * g k c) = 0).
    { pose proof (fnorm_scal g (-1)) as Hs. rewrite E in Hs. pose proof (fnorm_nonneg X (fun k c => (-1) * g k c)).
      nra. }
    rewrite E' in H. lra.
Qed.

Lemma squared_shift f g s : squared X (fun k c => f k c + s * g k c)
  = squared X f + 2 * s * inner (fun k c => f k c - target X k c) g + s^2 * (fnorm X g)^2.
Proof.
  rewrite !squared_norm, <- fnorm_shift. do 2 f_equal. apply matrix_ext; intros; ring.
Qed.

(** convex and beta-smooth: one affine function at f, below Phi and, with beta/2 ||.||^2, above it *)
Definition smooth (beta : R) (Phi : (nat -> vector) -> R) : Prop := 0 <= beta /\ forall f, exists r, forall g,
  Phi f + inner r g <= Phi (fun k c => f k c + g k c) <= Phi f + inner r g + beta / 2 * (fnorm X g)^2.

(** the same for the loss of one sample *)
Definition smooth_output (beta : R) (e : vector -> R) : Prop := forall u, exists s, forall v,
  e u + \sum_(c < p) (s c * (v c - u c)) <= e v
  <= e u + \sum_(c < p) (s c * (v c - u c)) + beta / 2 * (enorm p (fun c => v c - u c))^2.

Lemma smooth_convex beta Phi : smooth beta Phi -> convex Phi.
Proof.
  intros [_ H] f g t Ht. set (h := fun k c => (1 - t) * f k c + t * g k c). destruct (H h) as (r & Hr).
  destruct (Hr (fun k c => t * (f k c - g k c))) as [Hf _].
  destruct (Hr (fun k c => (1 - t) * (g k c - f k c))) as [Hg _].
  replace (fun k c => h k c + t * (f k c - g k c)) with f in Hf by (apply matrix_ext; intros; unfold h; ring).
  replace (fun k c => h k c + (1 - t) * (g k c - f k c)) with g in Hg by (apply matrix_ext; intros; unfold h; ring).
  rewrite inner_scal in Hf, Hg.
  assert (E : inner r (fun k c => g k c - f k c) = - inner r (fun k c => f k c - g k c)).
  { replace (fun k c => g k c - f k c) with (fun k c => (-1) * (f k c - g k c)) by (apply matrix_ext; intros; ring).
    rewrite inner_scal. ring. }
  rewrite E in Hg. nra.
Qed.

(** "squared error is beta = 2", with equality *)
Theorem T7L_squared : smooth 2 (squared X).
Proof.
  split; [lra|]. intros f. exists (fun k c => 2 * (f k c - target X k c)). intros g. rewrite inner_scal_l.
  pose proof (squared_shift f g 1) as E.
  replace (fun k c => f k c + 1 * g k c) with (fun k c => f k c + g k c) in E by (apply matrix_ext; intros; ring).
  rewrite E. pose proof (pow2_ge_0 (fnorm X g)). lra.
Qed.

(** one affine function for every point *)
Lemma pointwise_choice n (S : nat -> vector -> Prop) : (forall k, exists s, S k s) ->
  exists r : nat -> vector, forall k, (k < n)%nat -> S k (r k).
Proof.
  intros H. induction n as [|n (r & Hr)]; [exists (fun _ _ => 0); intros; lia|]. destruct (H n) as (s & Hs).
  exists (fun k => if Nat.eqb k n then s else r k). intros k Hk. destruct (Nat.eqb_spec k n) as [->|Hne]; [easy|].
  apply Hr. lia.
Qed.

(** a mean of smooth losses *)
Theorem T7L_mean_loss beta ell : 0 <= beta -> (forall k, smooth_output beta (ell (target X k))) ->
  smooth beta (mean_loss X ell).
Proof.
  intros Hb H. split; [easy|]. intros f.
  destruct (pointwise_choice (points X) (fun k s => forall v,
      ell (target X k) (f k) + \sum_(c < p) (s c * (v c - f k c)) <= ell (target X k) v
      <= ell (target X k) (f k) + \sum_(c < p) (s c * (v c - f k c)) + beta / 2 * (enorm p (fun c => v c - f k c))^2))
    as (r & Hr); [intros k; apply H|].
  exists r. intros g. unfold mean_loss, inner, fnorm. rewrite l2norm_sq, <- !lsum_scal.
  assert (E : forall k c, f k c + g k c - f k c = g k c) by (intros; ring).
  split; rewrite <- !lsum_plus; apply lsum_le; intros k Hk; apply in_rng in Hk;
    destruct (Hr k Hk (fun c => f k c + g k c)) as [Hlow Hup];
    rewrite (lsum_ext _ _ (fun c => r k c * g k c)) in Hlow, Hup by (intros; now rewrite E);
    rewrite (enorm_ext p _ (g k)) in Hup by (intros; apply E); rewrite enorm_sq in Hup;
    [apply (Rmult_le_compat_l _ _ _ (weight_nonneg X k)) in Hlow | apply (Rmult_le_compat_l _ _ _ (weight_nonneg X k))
      in Hup]; lra.
Qed.
End Smooth.
