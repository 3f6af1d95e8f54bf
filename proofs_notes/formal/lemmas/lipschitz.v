(** L8 for every loss that is Lipschitz in the output, convex or not (blueprint, section 1), and T7L's word "smooth":
    a gradient with Lipschitz constant beta, of a convex loss, bounds its curvature by beta.

    Definitions: [lipschitz_output], the loss of one sample is G-Lipschitz in the output (Euclidean norm);
    [gradient], a vector at each output whose affine function lies below the loss: for a differentiable convex loss,
    its gradient; [lipschitz_gradient], it moves no faster than beta times the output; [at_step], the point i/n of the
    way from u along d.
    Statements: L8, T7L. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import losses smooth.
Import ListNotations.
Open Scope R_scope.

Section Lipschitz.
Variable X : data.
Notation p := (outputs X).

(** "A loss that is G-Lipschitz in the output (Euclidean norm)" *)
Definition lipschitz_output (G : R) (e : vector -> R) : Prop := forall u v,
  Rabs (e u - e v) <= G * enorm p (fun c => u c - v c).

(** a supporting affine function of slope at most G at every output is one way to be G-Lipschitz *)
Lemma supported_lipschitz_output G e : supported X G e -> lipschitz_output G e.
Proof.
  intros H u v. pose proof (supported_lipschitz X G e u v H). pose proof (supported_lipschitz X G e v u H) as H'.
  unfold enorm in *. rewrite (wnorm_minus_sym _ _ v u) in H'. apply Rabs_le. lra.
Qed.

(** "L(f + g) <= L(f) + G ||g||", nothing supposed but the Lipschitz constant on the data's targets *)
Theorem L8_lipschitz G ell f g : probability X -> 0 <= G ->
  (forall k, (k < points X)%nat -> lipschitz_output G (ell (target X k))) ->
  mean_loss X ell (fun k c => f k c + g k c) <= mean_loss X ell f + G * fnorm X g.
Proof.
  intros H1 HG H. unfold mean_loss.
  apply Rle_trans with (\sum_(k < points X) (weight X k * ell (target X k) (f k))
                        + G * \sum_(k < points X) (weight X k * (enorm p (g k) * 1))).
  - rewrite <- lsum_scal, <- lsum_plus. apply lsum_le; intros k Hk. apply in_rng in Hk.
    pose proof (H k Hk (fun c => f k c + g k c) (f k)) as E. cbv beta in E.
    rewrite (enorm_ext p (fun c => f k c + g k c - f k c) (g k)) in E by (intros; ring).
    pose proof (Rle_abs (ell (target X k) (fun c => f k c + g k c) - ell (target X k) (f k))) as Ha.
    assert (E' : ell (target X k) (fun c => f k c + g k c) <= ell (target X k) (f k) + G * enorm p (g k)) by lra.
    apply (Rmult_le_compat_l _ _ _ (weight_nonneg X k)) in E'. lra.
  - apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|].
    eapply Rle_trans; [apply Cauchy_Schwarz, weight_nonneg|]. unfold fnorm. rewrite l2norm_iter.
    unfold wnorm at 2. rewrite (lsum_ext _ (fun i => weight X i * 1^2) (fun i => weight X i)) by (intros; ring).
    unfold probability in H1. rewrite H1, sqrt_1, Rmult_1_r. apply Rle_refl.
Qed.

(** convex and G-Lipschitz in the output: what T1, C2 and T7L use of such a loss *)
Theorem L8_tame G ell : probability X -> 0 <= G -> (forall k, (k < points X)%nat ->
    lipschitz_output G (ell (target X k)) /\ convex_in_output (ell (target X k)) /\ of_output X (ell (target X k))) ->
  tame X G (mean_loss X ell).
Proof.
  intros H1 HG H. split; [easy|]. split.
  - intros f g. replace f with (fun k c => g k c + (f k c - g k c)) at 1 by (apply matrix_ext; intros; ring).
    apply L8_lipschitz; try easy. intros k Hk. now apply H.
  - apply L7_convex_loss. intros k Hk. destruct (H k Hk) as (_ & Hc & Ho). easy.
Qed.

(** * A Lipschitz gradient *)

Definition gradient (e : vector -> R) (s : vector -> vector) : Prop := forall u v,
  e u + \sum_(c < p) (s u c * (v c - u c)) <= e v.
Definition lipschitz_gradient (beta : R) (e : vector -> R) (s : vector -> vector) : Prop := of_output X e /\
  gradient e s /\ forall u v, enorm p (fun c => s u c - s v c) <= beta * enorm p (fun c => u c - v c).

(** the point i/n of the way *)
Definition at_step (u d : vector) (n i : nat) : vector := fun c => u c + INR i / INR n * d c.

Lemma one_step beta e s u d n i : lipschitz_gradient beta e s -> 0 <= beta -> (0 < n)%nat ->
  e (at_step u d n (S i)) - e (at_step u d n i)
  <= / INR n * \sum_(c < p) (s u c * d c) + beta * (enorm p d)^2 * (INR (S i) / (INR n)^2).
Proof.
  intros (Ho & Hg & Hl) Hb Hn. assert (HnR : 0 < INR n) by now apply lt_0_INR.
  set (a := at_step u d n (S i)). pose proof (Hg a (at_step u d n i)) as H.
  rewrite (lsum_ext _ _ (fun c => - / INR n * (s a c * d c))) in H.
  2:{ intros c _. unfold a, at_step. rewrite S_INR. field. lra. }
  rewrite lsum_scal in H.
  assert (Hd : \sum_(c < p) (s a c * d c) <= \sum_(c < p) (s u c * d c) + beta * (enorm p d)^2 * (INR (S i) / INR n)).
  { rewrite (lsum_ext _ (fun c => s a c * d c) (fun c => s u c * d c + (s a c - s u c) * d c)) by (intros; ring).
    rewrite lsum_plus. apply Rplus_le_compat_l. eapply Rle_trans; [apply inner_le_norms|].
    apply Rle_trans with (beta * enorm p (fun c => a c - u c) * enorm p d).
    - apply Rmult_le_compat_r; [apply enorm_nonneg | apply Hl].
    - right. rewrite (enorm_ext p (fun c => a c - u c) (fun c => INR (S i) / INR n * d c))
        by (intros; unfold a, at_step; ring).
      rewrite enorm_scal_pos; [ring|]. apply Rmult_le_pos; [apply pos_INR | left; now apply Rinv_0_lt_compat]. }
  apply (Rmult_le_compat_l (/ INR n)) in Hd; [|left; now apply Rinv_0_lt_compat].
  replace (/ INR n * (\sum_(c < p) (s u c * d c) + beta * (enorm p d)^2 * (INR (S i) / INR n))) with
    (/ INR n * \sum_(c < p) (s u c * d c) + beta * (enorm p d)^2 * (INR (S i) / (INR n)^2)) in Hd by (field; lra).
  lra.
Qed.

Lemma many_steps beta e s u d n : lipschitz_gradient beta e s -> 0 <= beta -> (0 < n)%nat -> forall i, (i <= n)%nat ->
  e (at_step u d n i) <= e u + INR i / INR n * \sum_(c < p) (s u c * d c)
    + beta * (enorm p d)^2 * (INR i * (INR i + 1) / (2 * (INR n)^2)).
Proof.
  intros H Hb Hn. assert (HnR : 0 < INR n) by now apply lt_0_INR. induction i as [|i IH]; intros Hi.
  - right. replace (e (at_step u d n 0)) with (e u); [simpl INR; field; lra|].
    destruct H as [Ho _]. apply Ho. intros c _. unfold at_step. simpl INR. field. lra.
  - specialize (IH ltac:(lia)). pose proof (one_step beta e s u d n i H Hb Hn) as Hs.
    set (g := \sum_(c < p) (s u c * d c)) in *. set (q := (enorm p d)^2) in *.
    replace (e u + INR (S i) / INR n * g + beta * q * (INR (S i) * (INR (S i) + 1) / (2 * INR n ^ 2))) with
      ((e u + INR i / INR n * g + beta * q * (INR i * (INR i + 1) / (2 * INR n ^ 2)))
       + (/ INR n * g + beta * q * (INR (S i) / (INR n)^2))) by (rewrite S_INR; field; lra).
    lra.
Qed.

(** "beta-smooth": no integral, as the way from u to v is cut into n steps and n is any number *)
Theorem T7L_gradient beta e s : 0 <= beta -> lipschitz_gradient beta e s -> smooth_output X beta e.
Proof.
  intros Hb H u. exists (s u). intros v. split; [apply (proj1 (proj2 H))|].
  set (d := fun c => v c - u c). set (g := \sum_(c < p) (s u c * d c)). set (q := (enorm p d)^2).
  change (e v <= e u + g + beta / 2 * q). assert (Hq : 0 <= beta * q) by (apply Rmult_le_pos; [easy | apply pow2_ge_0]).
  assert (Hall : forall n, (0 < n)%nat -> e v <= e u + g + beta / 2 * q + beta * q / 2 * / INR n).
  { intros n Hn. assert (HnR : 0 < INR n) by now apply lt_0_INR.
    pose proof (many_steps beta e s u d n H Hb Hn n (Nat.le_refl n)) as E. fold g q in E.
    replace (e (at_step u d n n)) with (e v) in E.
    - eapply Rle_trans; [exact E|]. right. field. lra.
    - destruct H as [Ho _]. apply Ho. intros c _. unfold at_step, d. field. lra. }
  apply Rnot_lt_le. intros Hlt. set (gap := e v - (e u + g + beta / 2 * q)).
  assert (Hgap : 0 < gap) by (unfold gap; lra).
  destruct (archimed_cor1 (gap / (beta * q / 2 + 1))) as (n & Hn & Hn0).
  { apply Rdiv_lt_0_compat; lra. }
  specialize (Hall n Hn0). assert (HnR : 0 < INR n) by now apply lt_0_INR.
  assert (HnI : 0 < / INR n) by now apply Rinv_0_lt_compat.
  assert (E : (beta * q / 2 + 1) * / INR n < gap).
  { apply (Rmult_lt_compat_l (beta * q / 2 + 1)) in Hn; [|lra].
    replace ((beta * q / 2 + 1) * (gap / (beta * q / 2 + 1))) with gap in Hn by (field; lra). exact Hn. }
  unfold gap in E. lra.
Qed.
End Lipschitz.
